using MassTransit;
using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Windows;

/// <summary>What windows do on one instance, and what an operator can do within them.</summary>
public sealed class WindowTests : IAsyncDisposable
{
    static readonly DateTimeOffset Begin = new(2026, 1, 2, 2, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // The clock advances while a window begins, further on a busy machine.
    static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    readonly FakeTimeProvider _clock = new(Begin.AddMinutes(-30));
    readonly LogRecorder _log = new();
    readonly Settings _settings = new();
    IHost? _host;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    IBreaker Breaker => _host!.Services.GetRequiredService<IBreakerRegistry>()["payments"];

    IEndpointRegistry Endpoints => _host!.Services.GetRequiredService<IEndpointRegistry>();

    IPlannedWindows Windows => _host!.Services.GetRequiredService<IPlannedWindows>();

    EndpointHold? Hold => Endpoints.Endpoints[0].Hold;

    public async ValueTask DisposeAsync()
    {
        if (_host is null)
            return;
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    [Fact]
    public async Task A_window_is_announced_begins_and_ends()
    {
        await StartAsync(("backup", Nightly("payments")));
        await using var watched = Windows.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        var first = watched.MoveNextAsync().AsTask();
        var planned = Assert.Single(Windows.Windows);
        Assert.Equal(("backup", "payments", Begin, Begin.AddMinutes(60), "the nightly backup"), (planned.Name, planned.Breaker, planned.Start, planned.End, planned.Reason));
        await UntilAsync(() => _log.Count("Window backup of breaker payments begins at 2026-01-02 02:00:00Z") == 1, "it to be announced");
        Assert.InRange(_clock.GetUtcNow() - Begin, -15 * Minute, -14 * Minute);
        Assert.Equal(BreakerState.Closed, Breaker.State);

        await UntilAsync(() => Breaker.State == BreakerState.Isolated, "it to begin");
        Assert.InRange(_clock.GetUtcNow() - Begin, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        var snapshot = Breaker.GetSnapshot();
        Assert.Equal("window backup: the nightly backup", snapshot.Reason);
        Assert.InRange(snapshot.NextProbeAt!.Value - Begin.AddMinutes(60), -Tolerance, Tolerance);
        await UntilAsync(() => Breaker.State == BreakerState.HalfOpen, "it to end", step: 20);
        Breaker.Reset("it works");
        await UntilAsync(() => _log.Count("Window backup of breaker payments is over") == 1, "its end to be logged", step: 20);
        Assert.True(await first);
        Assert.Equal(WindowEvent.Announced, watched.Current.Event);
        Assert.True(await watched.MoveNextAsync());
        Assert.Equal((WindowEvent.Began, ""), (watched.Current.Event, watched.Current.Detail));
        Assert.True(await watched.MoveNextAsync());
        Assert.Equal(WindowEvent.Ended, watched.Current.Event);
        Assert.Equal(Begin.AddDays(1), Assert.Single(Windows.Windows).Start);
        Assert.Equal(1, _log.Count("has begun"));
    }

    [Fact]
    public async Task A_host_that_starts_within_a_window_begins_it_for_the_time_that_is_left()
    {
        _clock.SetUtcNow(Begin.AddMinutes(40));
        await StartAsync(("backup", Nightly("payments")), ("move", Once(endpoint: "work", from: -5, to: 50)));
        await UntilAsync(() => Breaker.State == BreakerState.Isolated && Hold is not null, "both to begin");
        Assert.InRange(Breaker.GetSnapshot().NextProbeAt!.Value - Begin.AddMinutes(60), -Tolerance, Tolerance);
        Assert.Equal(("moving", "window move"), (Hold!.Reason, Hold.By));
        await UntilAsync(() => Hold is null, "the hold to end", step: 20);
        Assert.InRange(_clock.GetUtcNow() - Begin.AddMinutes(50), TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(45));
    }

    [Fact]
    public async Task A_release_within_a_window_lasts_until_the_next_window()
    {
        await StartAsync(("backup", Nightly("payments")), ("move", Nightly(null, "work")));
        await UntilAsync(() => Breaker.State == BreakerState.Isolated && Hold is not null, "both to begin");
        Breaker.Release("we need it");
        Breaker.Reset("we need it now");
        Endpoints.Resume("work", "anna");
        await PassAsync(70);
        Assert.Equal(BreakerState.Closed, Breaker.State);
        Assert.Null(Hold);
        Assert.Equal(2, _log.Count("has begun"));
        _clock.SetUtcNow(Begin.AddDays(1).AddSeconds(-20));
        await UntilAsync(() => Breaker.State == BreakerState.Isolated && Hold is not null, "the next to begin");
    }

    [Fact]
    public async Task Of_windows_that_overlap_the_last_end_counts()
    {
        await StartAsync(
            ("first", Once(breaker: "payments", from: 0, to: 30)), ("second", Once(breaker: "payments", from: 10, to: 60)), ("third", Once(breaker: "payments", from: 20, to: 40)));
        await UntilAsync(() => Breaker.State == BreakerState.Isolated, "the first to begin");
        Assert.InRange(Until(), Begin.AddMinutes(29.9), Begin.AddMinutes(30.1));
        await UntilAsync(() => _log.Count("Window second of breaker payments has begun") == 1, "the second to begin", step: 20);
        Assert.InRange(Until(), Begin.AddMinutes(59.9), Begin.AddMinutes(60.1));
        await UntilAsync(() => _log.Count("Window third of breaker payments has begun") == 1, "the third to begin", step: 20);
        Assert.InRange(Until(), Begin.AddMinutes(59.9), Begin.AddMinutes(60.1));
        Assert.Equal(1, _log.Count("(the breaker is already isolated: window second: moving)"));
        await UntilAsync(() => Breaker.State == BreakerState.HalfOpen, "all to end", step: 20);
        Assert.InRange(_clock.GetUtcNow(), Begin.AddMinutes(59.9), Begin.AddMinutes(61));

        DateTimeOffset Until() => Breaker.GetSnapshot().NextProbeAt!.Value;
    }

    [Fact]
    public async Task What_an_operator_holds_for_longer_than_a_window_stays_unchanged()
    {
        await StartAsync(("backup", Nightly("payments")), ("move", Once(endpoint: "work", from: 0, to: 30)));
        Breaker.Isolate("the provider is away");
        Endpoints.Pause("work", "migrating", by: "ben");
        await UntilAsync(() => _log.Count("has begun") == 2, "both to begin");
        await PassAsync(65);
        Assert.Equal((BreakerState.Isolated, "the provider is away"), (Breaker.State, Breaker.GetSnapshot().Reason));
        Assert.Equal("migrating", Hold?.Reason);
        Assert.Equal(1, _log.Count("(the endpoint is already held, by ben: migrating)"));
    }

    [Fact]
    public async Task A_disabled_breaker_is_left_alone_and_that_is_logged()
    {
        await StartAsync(("backup", Nightly("payments")));
        Breaker.Disable("not in use");
        await UntilAsync(() => _log.Count("nothing was done, because the breaker is disabled") == 1, "it to be logged");
        Assert.Equal(BreakerMode.Disabled, Breaker.Mode);
    }

    [Fact]
    public async Task An_added_window_takes_place_and_a_removed_one_ends()
    {
        await StartAsync();
        var soon = await Windows.AddAsync(new WindowOrder { Breaker = "Payments", Start = Begin, End = Begin.AddMinutes(30), Reason = "their database", By = "anna" }, Cancellation);
        var now = await Windows.AddAsync(new WindowOrder { Endpoint = "work", Start = Begin.AddDays(-1), End = Begin.AddMinutes(30), Reason = "moving" }, Cancellation);
        Assert.Equal(("payments", "anna", true), (soon.Breaker, soon.By, soon.IsRemovable));
        Assert.Equal([now.Name, soon.Name], Windows.Windows.Select(window => window.Name));
        await UntilAsync(() => Hold is not null, "the endpoint to be held");
        Assert.True(await Windows.RemoveAsync(now.Name, "ben", Cancellation));
        await UntilAsync(() => Hold is null, "the hold to be taken away");

        await UntilAsync(() => Breaker.State == BreakerState.Isolated, "the other to begin");
        Assert.True(await Windows.RemoveAsync(soon.Name, null, Cancellation));
        await UntilAsync(() => Breaker.State == BreakerState.HalfOpen, "it to be released");
        Assert.False(await Windows.RemoveAsync(soon.Name, null, Cancellation));
        Assert.Empty(Windows.Windows);
        Assert.Equal((1, 1), (_log.Count($"Window {soon.Name} was removed by an operator"), _log.Count($"Window {now.Name} was removed by ben")));
    }

    [Fact]
    public async Task Removing_a_window_does_not_end_an_isolation_that_is_not_its_own()
    {
        await StartAsync();
        var window = await Windows.AddAsync(new WindowOrder { Breaker = "payments", Start = _clock.GetUtcNow(), End = Begin, Reason = "their database" }, Cancellation);
        await UntilAsync(() => Breaker.State == BreakerState.Isolated, "it to begin");
        Breaker.Isolate("for longer");
        Assert.True(await Windows.RemoveAsync(window.Name, null, Cancellation));
        Assert.Equal((BreakerState.Isolated, "for longer"), (Breaker.State, Breaker.GetSnapshot().Reason));
    }

    [Fact]
    public async Task An_order_that_makes_no_sense_is_refused()
    {
        await StartAsync();
        var order = new WindowOrder { Breaker = "payments", Start = Begin, End = Begin.AddHours(1), Reason = "x" };
        await Assert.ThrowsAsync<KeyNotFoundException>(() => Windows.AddAsync(order with { Breaker = "paymnets" }, Cancellation));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => Windows.AddAsync(order with { Breaker = null, Endpoint = "wrok" }, Cancellation));
        foreach (var wrong in new[]
        {
            order with { Reason = " " }, order with { Endpoint = "work" }, order with { Breaker = null }, order with { End = Begin }, order with { End = Begin.AddDays(8) },
            order with { Start = Begin.AddYears(2), End = Begin.AddYears(2).AddHours(1) }, order with { Start = Begin.AddDays(-2), End = Begin.AddDays(-1) },
        })
            await Assert.ThrowsAsync<ArgumentException>(() => Windows.AddAsync(wrong, Cancellation));
        for (var number = 0; number < 50; number++)
            await Windows.AddAsync(order, Cancellation);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Windows.AddAsync(order, Cancellation));
    }

    [Fact]
    public async Task A_window_for_an_endpoint_that_is_not_here_is_logged_once()
    {
        await StartAsync(("elsewhere", Once(endpoint: "other", from: -60, to: 60)));
        await PassAsync(3);
        Assert.Equal(1, _log.Count("Window elsewhere names endpoint 'other', which this instance does not have"));
    }

    [Fact]
    public async Task A_reload_plans_new_windows_ends_removed_ones_and_changes_nothing_if_it_is_invalid()
    {
        _settings.Replace(Window("move", "work", -10, 60));
        await StartAsync();
        await UntilAsync(() => Hold is not null, "the window to begin");
        var invalid = Window("move", "work", -10, 60);
        invalid["Breakers:Windows:move:Reason"] = "";
        _settings.Replace(invalid);
        Assert.Equal(1, _log.Count("The windows in the changed configuration are invalid and were not applied: Window 'move': Reason is "));
        Assert.NotNull(Hold);
        Assert.Single(Windows.Windows);

        _settings.Replace(Window("next", "work", 120, 180));
        await UntilAsync(() => Hold is null, "the removed window to be over");
        Assert.Equal("next", Assert.Single(Windows.Windows).Name);
        await UntilAsync(() => Hold is { By: "window next" }, "the new window to begin", step: 20);
    }

    static Action<PlannedWindowOptions> Nightly(string? breaker, string? endpoint = null) => window =>
        (window.Breaker, window.Endpoint, window.Cron, window.Duration, window.Reason) = (breaker, endpoint, "0 2 * * *", TimeSpan.FromHours(1), "the nightly backup");

    static Action<PlannedWindowOptions> Once(double from, double to, string? breaker = null, string? endpoint = null) => window =>
        (window.Breaker, window.Endpoint, window.Start, window.End, window.Reason) = (breaker, endpoint, $"{Begin.AddMinutes(from):o}", $"{Begin.AddMinutes(to):o}", "moving");

    static Dictionary<string, string?> Window(string name, string endpoint, double from, double to) => new()
    {
        [$"Breakers:Windows:{name}:Endpoint"] = endpoint,
        [$"Breakers:Windows:{name}:Start"] = $"{Begin.AddMinutes(from):o}",
        [$"Breakers:Windows:{name}:End"] = $"{Begin.AddMinutes(to):o}",
        [$"Breakers:Windows:{name}:Reason"] = "moving",
    };

    async Task StartAsync(params (string Name, Action<PlannedWindowOptions> Configure)[] windows)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        ((IConfigurationBuilder)builder.Configuration).Add(_settings);
        builder.Logging.AddProvider(_log);
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddMessagingBreaker(breakers =>
        {
            breakers.Add("payments");
            foreach (var (name, configure) in windows)
                breakers.PlanWindow(name, configure);
        });
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                memory.ReceiveEndpoint("work", endpoint =>
                {
                    endpoint.UseBreaker("payments");
                    endpoint.Handler<Work>(_ => Task.CompletedTask);
                });
            });
        });
        _host = builder.Build();
        await _host.StartAsync(Cancellation);
    }

    async Task PassAsync(int minutes)
    {
        for (var passed = 0; passed < minutes * 2; passed++)
        {
            _clock.Advance(Minute / 2);
            await Task.Delay(5, Cancellation);
        }
    }

    Task UntilAsync(Func<bool> condition, string awaited, int step = 4) => Eventually.Is(
        () =>
        {
            if (condition())
                return true;
            _clock.Advance(TimeSpan.FromSeconds(step));
            return false;
        },
        awaited);

    /// <summary>A configuration from which keys can disappear.</summary>
    sealed class Settings : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Replace(Dictionary<string, string?> settings)
        {
            Data = settings;
            OnReload();
        }
    }
}
