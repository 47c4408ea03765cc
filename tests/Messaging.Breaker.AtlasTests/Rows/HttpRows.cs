using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Messaging.Breaker.AtlasTests.Cases;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>How HTTP services fail. The client asks for JSON, and its time-out is one second.</summary>
static class HttpRows
{
    const string Group = "HTTP";
    const string Page = "<!doctype html><title>Down for maintenance</title>";

    static readonly string Healthy = HttpServer.Add(context => context.Response.WriteAsync("""{"ok":true}"""));

    public static IEnumerable<Row> All =>
    [
        At("the connection is refused", "the exception", ClosedPort()),
        At("the name cannot be resolved", "the exception", "http://no-such-host.invalid/"),
        new(Group, "the certificate has expired", "the exception", async () => new HttpDependency((await HttpServer.AddressesAsync())[1] + "0")),
        Answering("the connection is reset before the headers", "the exception", context =>
        {
            context.Abort();
            return Task.CompletedTask;
        }),
        Answering("it hangs before the headers", "the client's timeout", HttpServer.HangAsync),
        Answering("the body hangs after the headers", "the client's timeout, in the body", HangInBodyAsync),
        Answering("the body hangs after the headers, read as a stream", "the client's timeout, in the body", HangInBodyAsync, isStreamed: true),
        Answering("the body is cut", "the exception, in the body", HttpServer.CutAsync),
        Answering("the body is cut, read as a stream", "the exception, in the body", HttpServer.CutAsync, isStreamed: true),
        Answering("the body arrives more slowly than the client's timeout allows", "the client's timeout, in the body", DripAsync),
        OfStatus(500),
        OfStatus(502),
        OfStatus(503),
        OfRetryAfter(503),
        OfRetryAfter(429),
        OfStatus(408),
        OfStatus(401, "no message gets through"),
        OfStatus(403, "no message gets through"),
        OfStatus(407, "no message gets through"),
        OfStatus(404, "no message gets through"),
        Answering("a redirect leads to a login page with status 200", "no message gets through", context =>
        {
            context.Response.Redirect(Login);
            return Task.CompletedTask;
        }),
        Answering("a proxy answers with a maintenance page and status 200", "no message gets through", WritePageAsync),
        Answering("a property of the JSON has been renamed", "no message gets through", context => context.Response.WriteAsync("""{"isOk":true}""")),
        Answering("the body is empty, with status 200", "no message gets through", _ => Task.CompletedTask),
        Answering("status 200 with an error in the body", "no message gets through", context => context.Response.WriteAsync("""{"ok":false}""")),
        Resilient("status 500, AddStandardResilienceHandler outside AddBreaker", isOutside: true),
        Resilient("status 500, AddStandardResilienceHandler inside AddBreaker", isOutside: false),
    ];

    static readonly string Login = HttpServer.Add(WritePageAsync);

    /// <summary>Answers a share of the calls with 500. A standard resilience handler is outside or inside the breaker.</summary>
    public static Dependency Flaky(double share, bool isOutside)
    {
        var random = new Random(1);
        var path = HttpServer.Add(context =>
        {
            lock (random)
                context.Response.StatusCode = random.NextDouble() < share ? 500 : 200;
            return context.Response.WriteAsync("""{"ok":true}""");
        });
        return new HttpDependency(null, path[1..]) { Resilience = isOutside ? Resilience.Outside : Resilience.Inside };
    }

    static Row At(string fails, string recognised, string address) =>
        new(Group, fails, recognised, () => Task.FromResult<Dependency>(new HttpDependency(address)));

    static Row Answering(string fails, string recognised, RequestDelegate answer, bool isStreamed = false)
    {
        var path = HttpServer.Add(answer);
        return new Row(Group, fails, recognised, async () => new HttpDependency((await HttpServer.AddressesAsync())[0] + path[1..]) { IsStreamed = isStreamed });
    }

    static Row OfStatus(int status, string evidence = "the status") => Answering($"status {status}", evidence, context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    static Row OfRetryAfter(int status) => Answering($"status {status} with Retry-After", "the status; where calls are attributed, at once and for as long as the service asks", context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = "1";
        return Task.CompletedTask;
    }) with
    { WholeOnly = "the service asks all callers to wait" };

    static Row Resilient(string fails, bool isOutside)
    {
        var path = HttpServer.Add(context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        return new Row(
            Group,
            fails,
            "the status, and the refusal of the other circuit breaker",
            async () => new HttpDependency((await HttpServer.AddressesAsync())[0] + path[1..]) { Resilience = isOutside ? Resilience.Outside : Resilience.Inside })
        {
            // The other breaker opens at a tenth of the calls, retries included.
            WholeOnly = "the other circuit breaker opens when a tenth of the calls fail, and then fails the healthy ones too",
        };
    }

    static async Task HangInBodyAsync(HttpContext context)
    {
        await context.Response.WriteAsync("""{"ok":""");
        await context.Response.Body.FlushAsync();
        await HttpServer.HangAsync(context);
    }

    static async Task DripAsync(HttpContext context)
    {
        foreach (var letter in """{"ok":true}""")
        {
            await context.Response.WriteAsync(letter.ToString());
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(200), context.RequestAborted);
        }
    }

    static Task WritePageAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html";
        return context.Response.WriteAsync(Page);
    }

    static string ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}/";
    }

    enum Resilience
    {
        None,
        Outside,
        Inside,
    }

    sealed record Answer
    {
        public required bool Ok { get; init; }
    }

    /// <summary>Calls the failing address if the call is to fail, and the healthy one otherwise.</summary>
    sealed class HttpDependency(string? failing, string? path = null) : Dependency
    {
        public bool IsStreamed { get; init; }

        public Resilience Resilience { get; init; }

        public override void AddTo(IServiceCollection services)
        {
            var client = services.AddHttpClient(Name);
            if (Resilience == Resilience.Outside)
                AddResilience(client);
            if (IsAttributed)
                client.AddBreaker(Name);
            if (Resilience == Resilience.Inside)
                AddResilience(client);
        }

        public override async Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken)
        {
            var http = services.GetRequiredService<IHttpClientFactory>().CreateClient(Name);
            http.Timeout = TimeoutOf(number);
            var address = new Uri(Fails(number) && failing is not null ? failing : (await HttpServer.AddressesAsync())[0] + (path ?? Healthy[1..]));
            if (!(IsStreamed ? await http.GetFromJsonAsync<Answer>(address, Json, cancellationToken) : await GetAsync(http, address, cancellationToken))!.Ok)
                throw new InvalidOperationException("The service says that it failed.");
        }

        static readonly System.Text.Json.JsonSerializerOptions Json = new(System.Text.Json.JsonSerializerDefaults.Web);

        static async Task<Answer?> GetAsync(HttpClient http, Uri address, CancellationToken cancellationToken)
        {
            using var response = await http.GetAsync(address, cancellationToken);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<Answer>(Json, cancellationToken);
        }

        static void AddResilience(IHttpClientBuilder client) => client.AddStandardResilienceHandler(options =>
        {
            options.Retry.BackoffType = DelayBackoffType.Constant;
            options.Retry.Delay = TimeSpan.FromMilliseconds(10);
            options.CircuitBreaker.MinimumThroughput = 10;
            options.CircuitBreaker.BreakDuration = TimeSpan.FromMilliseconds(500);
        });
    }
}
