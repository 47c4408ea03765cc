using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace SampleWorkers.Mail;

/// <summary>The other dependency. It always works.</summary>
static class MailEndpoints
{
    public static void MapMail(this IEndpointRouteBuilder web, Action<Receipt>? sent = null) =>
        web.MapPost("/receipts", async (Receipt receipt, CancellationToken cancelled) =>
        {
            await Task.Delay(5, cancelled);
            sent?.Invoke(receipt);
            return Results.Accepted(value: receipt.OrderId);
        });
}
