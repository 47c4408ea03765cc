using Messaging.Breaker.ChaosTests.Shop;
using Messaging.Breaker.ChaosTests.Workers;

namespace Messaging.Breaker.ChaosTests.Schedules;

/// <summary>Something that goes wrong at a random time.</summary>
abstract record Fault(TimeSpan At)
{
    public abstract Task StrikeAsync(Site site);
}

sealed record WorkerKill(TimeSpan At, int Worker) : Fault(At)
{
    public override Task StrikeAsync(Site site)
    {
        if (site.Workers[Worker].TryKill())
            site.Counts.WorkerKills++;
        return Task.CompletedTask;
    }
}

/// <summary>Kills the worker that is redriving, if one is.</summary>
sealed record RedriverKill(TimeSpan At) : Fault(At)
{
    public override Task StrikeAsync(Site site)
    {
        if (site.Redriver?.Busy?.TryKill() == true)
            site.Counts.RedriverKills++;
        return Task.CompletedTask;
    }
}

sealed record WorkerStop(TimeSpan At, int Worker) : Fault(At)
{
    public override async Task StrikeAsync(Site site)
    {
        if (await site.Workers[Worker].TryStopAsync())
            site.Counts.GracefulStops++;
    }
}

sealed record BrokerKill(TimeSpan At) : Fault(At)
{
    public override Task StrikeAsync(Site site) => site.WithBrokerAsync(async broker =>
    {
        await broker.KillAsync();
        site.Counts.BrokerKills++;
        await broker.StartAsync();
        site.Note("the broker is back");
    });
}

sealed record ConnectionsClosed(TimeSpan At) : Fault(At)
{
    public override Task StrikeAsync(Site site) => site.WithBrokerAsync(async broker =>
    {
        await broker.CloseConnectionsAsync();
        site.Counts.ConnectionCloses++;
    });
}

sealed record StoreKill(TimeSpan At, TimeSpan Length) : Fault(At)
{
    public override Task StrikeAsync(Site site) => site.WithStoreAsync(async store =>
    {
        await store.KillAsync();
        site.Counts.StoreKills++;
        await Task.Delay(Length, TestContext.Current.CancellationToken);
        await store.StartAsync();
        site.Note("the store is back");
    });
}

sealed record StoreFreeze(TimeSpan At, TimeSpan Length) : Fault(At)
{
    public override Task StrikeAsync(Site site) => site.WithStoreAsync(async store =>
    {
        await store.PauseAsync();
        site.Counts.StoreFreezes++;
        await Task.Delay(Length, TestContext.Current.CancellationToken);
        await store.ResumeAsync();
        site.Note("the store answers again");
    });
}

sealed record OptionsReload(TimeSpan At, DrawnOptions Options) : Fault(At)
{
    public override Task StrikeAsync(Site site)
    {
        Options.WriteTo(site.SettingsFile);
        site.Counts.Reloads++;
        return Task.CompletedTask;
    }
}

sealed record PaymentsFault(TimeSpan At, PaymentsTrouble Trouble, TimeSpan Length) : Fault(At)
{
    /// <summary>The merchants whose orders are affected; null for all.</summary>
    public IReadOnlySet<string>? Merchants { get; init; }

    public override async Task StrikeAsync(Site site)
    {
        site.Payments.TroubledMerchants = Merchants;
        site.Payments.Trouble = Trouble;
        await Task.Delay(Length, TestContext.Current.CancellationToken);
        site.Payments.Trouble = PaymentsTrouble.None;
        site.Note($"payments is well again after {Trouble}");
    }

    public override string ToString() =>
        $"payments: {Trouble} at {At} for {Length}, {(Merchants is null ? "for all" : $"for {string.Join(", ", Merchants)}")}";
}
