using Messaging.Breaker;
using Microsoft.Extensions.Hosting;

namespace OrderService;

static class DeadLettersExample
{
    public static void Offer(HostApplicationBuilder builder)
    {
        builder.Services.AddMessagingBreaker(breakers => breakers
            .Add("payments")
            .OfferDeadLetters(options =>
            {
                options.Queues.Add("invoices_error");
                options.DiscardDirectory = "/var/lib/orders/discarded";
            }));
    }

    public static async Task RedriveAsync(IDeadLetters letters, CancellationToken cancellationToken)
    {
        var report = await letters.LookAsync("charge-order_error", cancellationToken: cancellationToken);
        foreach (var group in report.Groups)
            Console.WriteLine($"{group.Count} times {group.Exception}: {group.Text}, last {group.Last}");

        var run = await letters.RedriveAsync(
            "charge-order_error", new RedriveOrder { Reason = "fixed by release 4.2", Group = report.Groups[0].Key }, cancellationToken: cancellationToken);
        Console.WriteLine($"{run.State}: {run.Moved} moved, {run.FailedAgain} failed again. {run.Detail}");
    }

    public static async Task ListAsync(IDeadLetters letters, CancellationToken cancellationToken)
    {
        var ledger = await letters.ReadLedgerAsync(cancellationToken);
        foreach (var done in ledger.Runs)
            Console.WriteLine($"{done.Began:u} {done.By}: {done.Action} of {done.Queue}, {done.Reason}: {done.Moved} moved, {done.FailedAgain} failed again");
        foreach (var trip in ledger.Trips)
            Console.WriteLine($"{trip.Began:u} to {trip.Ended:u} {trip.Breaker}: {trip.DeadLetters} messages ended in _error");
    }

    public static async Task DiscardAsync(IDeadLetters letters, string key)
    {
        await letters.DiscardAsync("charge-order_error", new DiscardOrder { Reason = "test orders", Group = key, File = "test-orders.jsonl" });
    }
}
