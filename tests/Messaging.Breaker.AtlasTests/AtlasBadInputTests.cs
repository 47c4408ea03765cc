using System.Net.Http.Json;
using System.Text.Json;
using Messaging.Breaker.AtlasTests.Cases;
using Messaging.Breaker.AtlasTests.Rows;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.AtlasTests;

/// <summary>Badly behaved rules, exceptions and handlers. They cost no message, and an outage behind them is recognised.</summary>
public class AtlasBadInputTests(BrokerFixture broker)
{
    const string BadInput = "bad input";

    static readonly string Healthy = HttpServer.Add(context => context.Response.WriteAsJsonAsync(new { ok = true }));
    static readonly string Cut = HttpServer.Add(HttpServer.CutAsync);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_rule_that_throws_does_not_apply(bool isAttributed) => RunAsync(
        isAttributed,
        new Thrower(() => new IOException("The dependency is down."))
        {
            Rules = options => options
                .Ignore<IOException>(_ => throw new InvalidOperationException("Ignore"))
                .TripImmediately<IOException>(_ => throw new InvalidOperationException("TripImmediately")),
        });

    [Fact]
    public Task A_rule_to_track_that_throws_leaves_the_others_in_force() => RunAsync(
        isAttributed: false,
        new Thrower(() => new IOException("The dependency is down."))
        {
            Rules = options => options.Track<IOException>(_ => throw new InvalidOperationException("Track")).Track<IOException>(),
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task An_exception_that_cannot_be_described_still_counts_as_a_failure(bool isAttributed) =>
        RunAsync(isAttributed, new Thrower(() => new Indescribable()));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task An_exception_that_contains_others_many_times_over_is_searched_only_once(bool isAttributed) => RunAsync(isAttributed, new Thrower(() =>
    {
        Exception[] inner = [new IOException("The dependency is down."), new IOException("And so is the other one.")];
        for (var depth = 0; depth < 20; depth++)
            inner = [new AggregateException(inner), new AggregateException(inner)];
        return new AggregateException(inner);
    }));

    [Fact]
    public Task An_outage_loses_nothing_if_content_is_read_twice() => RunAsync(async (http, address, cancellationToken) =>
    {
        using var response = await http.GetAsync(address, cancellationToken);
        _ = await response.Content.ReadAsStringAsync(cancellationToken);
        Check(await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken));
    });

    [Fact]
    public Task An_outage_loses_nothing_if_a_stream_is_requested_twice() => RunAsync(async (http, address, cancellationToken) =>
    {
        using var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var first = await response.Content.ReadAsStreamAsync(cancellationToken);
        var second = await response.Content.ReadAsStreamAsync(cancellationToken);
        Assert.Same(first, second);
        Check(await JsonSerializer.DeserializeAsync<JsonElement>(second, cancellationToken: cancellationToken));
    });

    [Fact]
    public Task An_outage_loses_nothing_if_content_is_never_read() => RunAsync(
        async (http, address, cancellationToken) =>
        {
            var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            response.EnsureSuccessStatusCode();
        },
        failing: HttpServer.Add(context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        }));

    [Fact]
    public Task An_outage_loses_nothing_if_the_client_is_disposed_before_the_body_is_read() => RunAsync(async (http, address, cancellationToken) =>
    {
        var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        http.Dispose();
        Check(await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken));
    });

    [Fact]
    public Task An_outage_loses_nothing_if_the_client_is_disposed_during_its_call() => RunAsync(
        async (http, address, cancellationToken) =>
        {
            var call = http.GetFromJsonAsync<JsonElement>(address, cancellationToken);
            if (address.AbsolutePath != Healthy)
                http.Dispose();
            Check(await call);
        },
        failing: HttpServer.Add(HttpServer.HangAsync));

    /// <summary>The handler fails on its own. Its call fails a while later, when nothing waits for it any more.</summary>
    [Fact]
    public Task An_outage_loses_nothing_if_a_call_outlives_its_failed_handler() => RunAsync(
        async (http, address, cancellationToken) =>
        {
            var call = http.GetFromJsonAsync<JsonElement>(address, CancellationToken.None);
            if (await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken)) != call)
                throw new TimeoutException("I have waited long enough.");
            Check(await call);
        },
        failing: HttpServer.Add(HttpServer.HangAsync));

    /// <summary>The messages are handled, whether their calls fail or not. If those calls open the breaker, no message is lost.</summary>
    [Fact]
    public async Task An_outage_loses_nothing_if_a_call_outlives_its_successful_handler()
    {
        await using var dependency = await CreateAsync(
            (http, address, cancellationToken) =>
            {
                _ = http.GetAsync(address, CancellationToken.None);
                return Task.CompletedTask;
            },
            Cut);
        await using var worker = await AtlasWorker.StartAsync(broker.Node, dependency, isAttributed: true, prefetch: 32);
        await dependency.FailAsync();
        await worker.SendAsync(200);
        await worker.UntilAsync(() => worker.Handled.Count > 0, "the first message to be handled");
        await dependency.RecoverAsync();
        await Eventually.Is(
            async () =>
            {
                await worker.SendAsync(1);
                return worker.Breaker.State;
            },
            state => state == BreakerState.Closed,
            "the breaker to be closed",
            AtlasWorker.Patience);
        await worker.UntilAsync(worker.Sent, inError: 0);
    }

    async Task RunAsync(bool isAttributed, Thrower thrower)
    {
        foreach (var prefetch in (ushort[])[1, 32])
            await Outage.OfEverybodyAsync(broker.Node, new Row(BadInput, "throws", "", () => Task.FromResult<Dependency>(thrower)), isAttributed, prefetch);
    }

    async Task RunAsync(Func<HttpClient, Uri, CancellationToken, Task> handle, string? failing = null)
    {
        foreach (var prefetch in (ushort[])[1, 32])
            await Outage.OfEverybodyAsync(broker.Node, new Row(BadInput, "fails", "", () => CreateAsync(handle, failing ?? Cut)), isAttributed: true, prefetch);
    }

    static async Task<Dependency> CreateAsync(Func<HttpClient, Uri, CancellationToken, Task> handle, string failing)
    {
        var server = (await HttpServer.AddressesAsync())[0];
        return new Careless(new Uri(server, Healthy), new Uri(server, failing), handle);
    }

    static void Check(JsonElement answer)
    {
        if (!answer.GetProperty("ok").GetBoolean())
            throw new InvalidOperationException("The service says that it failed.");
    }

    sealed class Indescribable : Exception
    {
        public override string Message => throw new InvalidOperationException("Message");

        public override string? StackTrace => throw new InvalidOperationException("StackTrace");

        public override string ToString() => throw new InvalidOperationException("ToString");
    }

    /// <summary>Throws a given exception.</summary>
    sealed class Thrower(Func<Exception> create) : Dependency
    {
        public Action<BreakerOptions>? Rules { get; init; }

        public override void Configure(BreakerOptions options) => Rules?.Invoke(options);

        public override Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken) =>
            CallAsync(services, _ => Fails(number) ? throw create() : Task.CompletedTask, cancellationToken);
    }

    /// <summary>Calls a service in a way that nobody would recommend.</summary>
    sealed class Careless(Uri healthy, Uri failing, Func<HttpClient, Uri, CancellationToken, Task> handle) : Dependency
    {
        public override void AddTo(IServiceCollection services) => services.AddHttpClient(Name).AddBreaker(Name);

        public override Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken)
        {
            var http = services.GetRequiredService<IHttpClientFactory>().CreateClient(Name);
            http.Timeout = TimeoutOf(number);
            return handle(http, Fails(number) ? failing : healthy, cancellationToken);
        }
    }
}
