using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace SampleWorkers.Payments;

static class PaymentsEndpoints
{
    public static void MapPayments(this IEndpointRouteBuilder web, PaymentsService payments)
    {
        web.MapPost("/charges", (Charge charge, HttpContext context) => ChargeAsync(payments, charge, "", context));
        web.MapPost("/{caller}/charges", (Charge charge, string caller, HttpContext context) => ChargeAsync(payments, charge, caller, context));

        web.MapPut("/mode", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            var text = (await reader.ReadToEndAsync(request.HttpContext.RequestAborted)).Trim();
            if (!Enum.GetNames<PaymentsMode>().Contains(text, StringComparer.OrdinalIgnoreCase))
            {
                var modes = string.Join(", ", Enum.GetNames<PaymentsMode>()).ToLowerInvariant();
                return Results.BadRequest($"The body must be one of {modes}.");
            }
            payments.Mode = Enum.Parse<PaymentsMode>(text, ignoreCase: true);
            return Results.Ok(payments.GetFigures());
        });

        web.MapGet("/figures", payments.GetFigures);
        web.MapGet("/health", () => payments.Mode is PaymentsMode.Up ? Results.Text("Healthy") : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
    }

    static async Task ChargeAsync(PaymentsService payments, Charge charge, string caller, HttpContext context)
    {
        try
        {
            await payments.ChargeAsync(charge, caller, context);
        }
        catch (OperationCanceledException)
        {
            context.Abort(); // The caller has gone, so there is nothing to answer.
        }
    }
}
