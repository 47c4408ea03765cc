using SampleWorkers.Payments;

namespace SampleWorkers.Demo;

/// <summary>The payments service's good and bad times.</summary>
static class DemoScript
{
    static readonly PaymentsMode[] Failures = [PaymentsMode.Error, PaymentsMode.Hang, PaymentsMode.Slow, PaymentsMode.Unavailable];

    public static async Task RunAsync(PaymentsService payments, DemoJournal journal, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
        while (true)
            foreach (var failure in Failures)
            {
                Turn(failure);
                await Task.Delay(TimeSpan.FromSeconds(8), cancellationToken);
                Turn(PaymentsMode.Up);
                await Task.Delay(TimeSpan.FromSeconds(12), cancellationToken);
            }

        void Turn(PaymentsMode mode)
        {
            payments.Mode = mode;
            journal.Add(mode is PaymentsMode.Up ? "the payments service is back" : $"the payments service fails: {mode}");
        }
    }
}
