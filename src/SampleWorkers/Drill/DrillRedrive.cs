using Messaging.Breaker;
using SampleWorkers.Payments;
using SampleWorkers.Shop;

namespace SampleWorkers.Drill;

/// <summary>Makes payments accept the poisoned orders, and redrives them. With a relapse, payments goes down again in the middle.</summary>
sealed class DrillRedrive(DrillSettings settings, PaymentsService payments, IDeadLetters letters, string prefix)
{
    /// <summary>With a relapse, the redrive takes four seconds, and payments is down in the second and the third.</summary>
    static readonly TimeSpan RelapseStart = TimeSpan.FromSeconds(1);
    static readonly TimeSpan RelapseLength = TimeSpan.FromSeconds(2);
    const double RelapseShareOfSecond = 0.25;

    public async Task<Figures> RunAsync(CancellationToken cancellationToken)
    {
        payments.Cure();
        var order = new RedriveOrder
        {
            Reason = "payments has learnt to accept these orders",
            By = "drill",
            Rate = settings.Relapse ? settings.Poison * RelapseShareOfSecond : null,
        };
        var before = payments.GetFigures().CallsWhileDown;
        var running = letters.RedriveAsync($"{ShopNames.ChargeQueue(prefix)}_error", order, cancellationToken: cancellationToken);
        if (settings.Relapse)
            await RelapseAsync(cancellationToken);
        return new Figures(await running, settings.Relapse ? payments.GetFigures().CallsWhileDown - before : null);
    }

    async Task RelapseAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(RelapseStart, cancellationToken);
        payments.Mode = settings.Failure;
        await Task.Delay(RelapseLength, cancellationToken);
        payments.Mode = PaymentsMode.Up;
    }

    /// <param name="RelapseCalls">Null without a relapse.</param>
    public sealed record Figures(DeadLetterRun Run, long? RelapseCalls);
}
