using System.Globalization;
using Messaging.Breaker.Dashboard.State;
using Microsoft.AspNetCore.Http;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>
/// Finds and steers the keys of a breaker. A key is given in the query of the address and not in its path, where "." and ".." would be path
/// steps: steering the key ".." would steer the whole.
/// </summary>
sealed class KeyOrders(Steering steering)
{
    const int MostByDefault = 50;
    const int Most = 200;

    public IResult Show(HttpContext context, string name)
    {
        try
        {
            var breaker = steering.Find(name);
            var keys = KeysOf(breaker);
            var most = MostByDefault;
            if (context.Request.Query["most"] is { Count: > 0 } wanted
                && !(int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out most) && most is >= 1 and <= Most))
                return BodyReader.Refuse("most", $"must be a number from 1 to {Most}");
            return TypedResults.Json(KeysView.Of(breaker.Name, keys, context.Request.Query["search"].ToString(), most), DashboardJson.Default.KeysView);
        }
        catch (KeyNotFoundException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status404NotFound);
        }
    }

    public Task<IResult> RunAsync(SteeringAction action, HttpContext context, string name)
    {
        var key = context.Request.Query["key"] is [{ Length: > 0 } only] ? only : null;
        var subject = $"{name}[{key}]";
        return steering.RunAsync(action, context, subject, order =>
        {
            var keys = KeysOf(steering.Find(name));
            if (key is null)
                throw new ArgumentException("Name one key in the query of the address, not empty and percent-encoded, as in ?key=acme.");
            var (breaker, before) = (keys[key], keys[key].State);
            action.Steer!(breaker, order);
            steering.WriteDown(breaker, before, order);
        });
    }

    static IBreakerKeys KeysOf(IBreaker breaker) => breaker.Keys ?? throw new KeyNotFoundException($"Breaker '{breaker.Name}' has no keys: it is not split by PartitionBy.");
}
