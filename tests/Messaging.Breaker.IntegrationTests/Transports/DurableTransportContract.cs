namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>The contract of a transport whose messages outlive the process that consumes them.</summary>
public abstract class DurableTransportContract : TransportContract
{
    protected override bool KeepsMessagesOfAStoppedBus => true;

    /// <summary>Arguments that tell the process which transport to use. <see cref="DoomedWorker"/> reads them.</summary>
    protected abstract IEnumerable<string> Transport { get; }

    [Theory]
    [InlineData(DoomedMoment.Handling)]
    [InlineData(DoomedMoment.Open)]
    [InlineData(DoomedMoment.Probing)]
    [InlineData(DoomedMoment.Reopening)]
    public async Task A_killed_process_loses_nothing(DoomedMoment moment)
    {
        const int Count = 40;
        var queue = $"test-{Guid.NewGuid():N}";
        var endpoint = new ContractEndpoint();
        // This worker declares the queue and fills it.
        await using (var sender = await StartAsync(endpoint, queue))
        {
            sender.Breaker.Isolate("test");
            await UntilPausedAsync(sender, 0);
            await sender.SendAsync(0, Count);
            await UntilPausedAsync(sender, Count);
        }

        using (var doomed = DoomedProcess.Start([.. Transport, queue, $"{moment}"]))
        {
            await doomed.ReachedAsync();
            await doomed.KillAsync();
        }

        await using var survivor = await StartAsync(endpoint, queue);
        await survivor.UntilHandledAsync(Count);
        // A failed probe goes behind the others. Between the broker's confirm and its acknowledgement, it is in the queue twice.
        Assert.InRange(survivor.Dependency.Duplicates, 0, moment == DoomedMoment.Reopening ? new BreakerOptions().Probes : 0);
        Assert.Equal(0, await CountDeadLetteredAsync(survivor));
    }
}
