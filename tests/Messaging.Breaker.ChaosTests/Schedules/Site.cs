using System.Diagnostics;
using Messaging.Breaker.ChaosTests.Shop;
using Messaging.Breaker.ChaosTests.Workers;

namespace Messaging.Breaker.ChaosTests.Schedules;

/// <summary>What the faults of one schedule strike, and a diary of it.</summary>
sealed class Site(RabbitMqNode broker, ShakyPayments payments, IReadOnlyList<WorkerSlot> workers, string settingsFile, Action<string> note)
    : IDisposable
{
    readonly SemaphoreSlim _brokerIsFree = new(1);

    public ShakyPayments Payments => payments;

    public IReadOnlyList<WorkerSlot> Workers => workers;

    public string SettingsFile => settingsFile;

    public FaultCounts Counts { get; } = new();

    public void Note(string happening) => note(happening);

    /// <summary>One at a time: what is dead cannot be told to close its connections.</summary>
    public async Task WithBrokerAsync(Func<RabbitMqNode, Task> strike)
    {
        await _brokerIsFree.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await strike(broker);
        }
        finally
        {
            _brokerIsFree.Release();
        }
    }

    public async Task StrikeAsync(IEnumerable<Fault> faults)
    {
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(faults.Select(async fault =>
        {
            var left = fault.At - Stopwatch.GetElapsedTime(began);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TestContext.Current.CancellationToken);
            note($"{fault}");
            await fault.StrikeAsync(this);
        }));
    }

    public void Dispose() => _brokerIsFree.Dispose();
}
