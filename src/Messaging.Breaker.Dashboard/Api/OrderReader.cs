using System.Globalization;
using Messaging.Breaker.Dashboard.State;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>Reads and checks the body of a steering request; a problem names the member that is wrong.</summary>
static class OrderReader
{
    const int LongestReason = 200;
    static readonly TimeSpan ShortestDuration = TimeSpan.FromMilliseconds(1);
    static readonly TimeSpan LongestDuration = TimeSpan.FromDays(30);

    public static Task<(Order? Order, ProblemHttpResult? Problem)> ReadAsync(SteeringAction action, HttpRequest request) =>
        ReadAsync(request, steering => steering.ThisInstanceOnly is null
            ? Check(action.Name, action.NeedsReason, action.Duration, steering)
            : Refuse("thisInstanceOnly", $"does not go with {action.Name}"));

    public static Task<(Order? Order, ProblemHttpResult? Problem)> ReadEndpointsAsync(string action, HttpRequest request) =>
        ReadAsync(request, steering => Check(action, needsReason: action == "pause", action == "pause" ? "expirySeconds" : null, steering));

    static async Task<(Order? Order, ProblemHttpResult? Problem)> ReadAsync(HttpRequest request, Func<SteeringRequest, (Order?, ProblemHttpResult?)> check)
    {
        var (steering, problem) = await BodyReader.ReadAsync(request, DashboardJson.Default.SteeringRequest).ConfigureAwait(false);
        return steering is null ? (null, problem) : check(steering);
    }

    static (Order?, ProblemHttpResult?) Check(string action, bool needsReason, string? lengthMember, SteeringRequest request)
    {
        var reason = request.Reason?.Trim() ?? "";
        if (reason.Length == 0 && needsReason)
            return Refuse("reason", "is missing: say why, for the next operator on call");
        if (reason.Length > LongestReason || reason.Any(char.IsControl))
            return Refuse("reason", $"must be one line of at most {LongestReason} characters");

        TimeSpan? duration = null;
        foreach (var (member, seconds) in new[] { ("minimumBreakSeconds", request.MinimumBreakSeconds), ("expirySeconds", request.ExpirySeconds) })
        {
            if (seconds is not { } value)
                continue;
            if (member != lengthMember)
                return Refuse(member, $"does not go with {action}");
            if (!(value >= ShortestDuration.TotalSeconds && value <= LongestDuration.TotalSeconds))
                return Refuse(member, string.Create(CultureInfo.InvariantCulture, $"must be from {ShortestDuration.TotalSeconds} to {LongestDuration.TotalSeconds:0} ({LongestDuration.Days} days)"));
            duration = TimeSpan.FromSeconds(value);
        }

        return (new Order(reason, duration) { ThisInstanceOnly = request.ThisInstanceOnly ?? false }, null);
    }

    static (Order?, ProblemHttpResult?) Refuse(string member, string problem) => (null, BodyReader.Refuse(member, problem));
}
