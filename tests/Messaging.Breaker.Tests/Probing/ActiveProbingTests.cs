using System.Net;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Tests.Attribution;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Probing;

public sealed class ActiveProbingTests : IAsyncDisposable
{
    readonly FakeTimeProvider _time = new();
    IHost? _host;
    volatile bool _isBack;
    int _asked;

    CircuitBreaker Breaker => _host!.Services.GetRequiredService<BreakerRegistry>().Get("payments");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_yes_ends_a_break_and_messages_decide()
    {
        await StartAsync();
        Fail(10);
        await UntilAskedAsync(3);
        Assert.Equal(BreakerState.Open, Breaker.State);

        _isBack = true;
        await UntilAsync(BreakerState.HalfOpen);
        Assert.Equal("the probe succeeded", Breaker.GetSnapshot().Reason);
        Succeed(2);
        Assert.Equal(BreakerState.Closed, Breaker.State);
    }

    [Fact]
    public async Task A_no_does_not_prolong_the_break()
    {
        await StartAsync(options => (options.BreakDuration, options.MaxBreakDuration) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)));
        Fail(10);
        var openedAt = _time.GetUtcNow();
        await UntilAsync(BreakerState.HalfOpen);
        Assert.Equal("the break has passed", Breaker.GetSnapshot().Reason);
        Assert.InRange((_time.GetUtcNow() - openedAt).TotalSeconds, 5, 6);
        Assert.InRange(_asked, 1, 5);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 35)]
    public async Task After_an_outage_of_five_minutes_with_default_options_a_message_soon_gets_through(bool isProbed, double seconds)
    {
        var defaults = new BreakerOptions();
        await StartAsync(options =>
        {
            (options.BreakDuration, options.MaxBreakDuration) = (defaults.BreakDuration, defaults.MaxBreakDuration);
            if (!isProbed)
                options.ProbeWith((_, _) => Task.FromResult(false));
        });
        Fail(10);
        var outage = _time.GetUtcNow();
        while (_time.GetUtcNow() - outage < TimeSpan.FromMinutes(5))
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            if (Breaker.TryAcquire() is { IsGranted: true } permit)
                Breaker.Record(permit, Outcome.Failure, Breaker.Now, 0, Breaker.Now);
        }

        var recovery = _time.GetUtcNow();
        _isBack = true;
        await PassUntilAsync(() => Breaker.TryAcquire().IsGranted, "a message to be admitted");
        Assert.InRange((_time.GetUtcNow() - recovery).TotalSeconds, 0, seconds);
    }

    [Fact]
    public async Task The_dependency_is_asked_only_during_a_break()
    {
        await StartAsync();
        await PassAsync(10);
        Breaker.Isolate("test");
        await PassAsync(10);
        Breaker.Release("test");
        await PassAsync(10);
        Breaker.Shadow("test");
        Fail(10);
        await PassAsync(10);
        Assert.Equal((BreakerState.Open, 0), (Breaker.State, _asked));
    }

    [Fact]
    public async Task What_throws_or_hangs_is_a_no_and_is_asked_again()
    {
        var answers = new Queue<Func<Task<bool>>>(
        [
            () => throw new IOException("no connection"),
            () => new TaskCompletionSource<bool>().Task,
            () => Task.FromResult(true),
        ]);
        await StartAsync(options => options.ProbeWith((_, _) => answers.Dequeue()()));
        Fail(10);
        await UntilAsync(BreakerState.HalfOpen);
        Assert.Empty(answers);
    }

    [Fact]
    public async Task A_yes_does_not_shorten_a_demanded_break()
    {
        _isBack = true;
        await StartAsync();
        Breaker.Trip("an operator's wish", TimeSpan.FromMinutes(1));
        await UntilAskedAsync(5);
        Assert.Equal(BreakerState.Open, Breaker.State);
    }

    [Fact]
    public async Task A_yes_that_messages_refuted_does_not_shorten_the_next_break_below_the_first()
    {
        _isBack = true;
        await StartAsync(options => options.BreakDuration = TimeSpan.FromSeconds(20));
        Fail(10);
        await UntilAsync(BreakerState.HalfOpen);
        Fail(2);
        var reopenedAt = _time.GetUtcNow();
        await UntilAsync(BreakerState.HalfOpen);
        Assert.InRange((_time.GetUtcNow() - reopenedAt).TotalSeconds, 20, 22);
    }

    [Fact]
    public async Task A_health_check_is_made_with_the_services_of_the_host()
    {
        await StartAsync(options => options.ProbeWith<Health>(), services => services.AddSingleton(new Switch()));
        Fail(10);
        await PassAsync(5);
        Assert.Equal(BreakerState.Open, Breaker.State);
        _host!.Services.GetRequiredService<Switch>().IsOn = true;
        await UntilAsync(BreakerState.HalfOpen);
    }

    [Theory]
    [InlineData(HttpStatusCode.NoContent, true)]
    [InlineData(HttpStatusCode.Found, false)]
    [InlineData(HttpStatusCode.ServiceUnavailable, false)]
    public async Task An_address_says_yes_by_its_status(HttpStatusCode status, bool isYes)
    {
        var requests = 0;
        await using var server = await AnsweringServer.StartAsync(context =>
        {
            Assert.Equal("secret", context.Request.Headers["x-key"]);
            Interlocked.Increment(ref requests);
            context.Response.StatusCode = (int)status;
            context.Response.Headers.Location = "/login";
            return Task.CompletedTask;
        });
        // Time must not run out while a real server answers.
        await StartAsync(options => options.ProbeWith(new Uri(server.Address, "health"), headers => headers.Add("x-key", "secret"), TimeSpan.FromHours(1)));
        Fail(10);
        await PassUntilAsync(() => Volatile.Read(ref requests) >= (isYes ? 1 : 2), "the server to be asked");
        if (isYes)
            await UntilAsync(BreakerState.HalfOpen);
        else
            Assert.Equal(BreakerState.Open, Breaker.State);
    }

    [Fact]
    public void Nonsense_is_refused()
    {
        var options = new BreakerOptions();
        Assert.Throws<ArgumentException>(() => options.ProbeWith(new Uri("/health", UriKind.Relative)));
        var error = Assert.Throws<ArgumentException>(() => options.ProbeWith(new Uri("amqp://user:secret@payments/health")));
        Assert.DoesNotContain("secret", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.ProbeWith<Health>(TimeSpan.Zero));
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is null)
            return;
        await _host.StopAsync(Stop);
        _host.Dispose();
    }

    async Task StartAsync(Action<BreakerOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TimeProvider>(_time);
        services?.Invoke(builder.Services);
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments", options =>
        {
            (options.BreakDuration, options.MaxBreakDuration) = (TimeSpan.FromHours(1), TimeSpan.FromHours(2));
            options.ProbeWith((_, _) =>
            {
                Interlocked.Increment(ref _asked);
                return Task.FromResult(_isBack);
            });
            configure?.Invoke(options);
        }));
        _host = builder.Build();
        await _host.StartAsync(Stop);
    }

    void Fail(int calls) => Record(Outcome.Failure, calls);

    void Succeed(int calls) => Record(Outcome.Success, calls);

    void Record(Outcome outcome, int calls)
    {
        for (var call = 0; call < calls; call++)
            Breaker.Record(Breaker.TryAcquire(), outcome, Breaker.Now, 0, Breaker.Now);
    }

    Task UntilAskedAsync(int times) => PassUntilAsync(() => Volatile.Read(ref _asked) >= times, $"{times} questions");

    Task UntilAsync(BreakerState state) => PassUntilAsync(() => Breaker.State == state, $"{state}");

    Task PassUntilAsync(Func<bool> condition, string awaited) => Eventually.Is(
        () =>
        {
            if (condition())
                return true;
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return false;
        },
        awaited);

    async Task PassAsync(double seconds)
    {
        var end = _time.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        await PassUntilAsync(() => _time.GetUtcNow() >= end, "time to pass");
    }

    sealed class Switch
    {
        public bool IsOn { get; set; }
    }

    sealed class Health(Switch power) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(power.IsOn ? HealthCheckResult.Degraded("just") : HealthCheckResult.Unhealthy("off"));
    }
}
