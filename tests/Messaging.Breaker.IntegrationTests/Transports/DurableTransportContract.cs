namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>What a transport has to keep whose messages outlive the process that consumes them.</summary>
public abstract class DurableTransportContract : TransportContract
{
    protected override bool KeepsMessagesOfAStoppedBus => true;

    /// <summary>What tells the process its transport: <see cref="DoomedWorker"/> reads it.</summary>
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
        // Declares the queue and fills it.
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
        // A probe that failed goes behind the others, and is there twice between the broker's confirm and its acknowledgement.
        Assert.InRange(survivor.Dependency.Duplicates, 0, moment == DoomedMoment.Reopening ? new BreakerOptions().Probes : 0);
        Assert.Equal(0, await CountDeadLetteredAsync(survivor));
    }
}
