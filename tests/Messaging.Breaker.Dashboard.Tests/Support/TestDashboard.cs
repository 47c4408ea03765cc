using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Dashboard.Tests.Support;

/// <summary>A web application with breakers "payments" and "email", an endpoint "charge-order" or those given, and the dashboard.</summary>
sealed class TestDashboard : IAsyncDisposable
{
    /// <summary>To the application, a request with this header comes from the address in it.</summary>
    public const string RemoteAddress = "Test-Remote-Address";

    public const string Elsewhere = "203.0.113.7";

    readonly WebApplication _web;
    readonly IntegrationTests.Infrastructure.LogRecorder _log;

    TestDashboard(WebApplication web, IntegrationTests.Infrastructure.LogRecorder log)
    {
        (_web, _log) = (web, log);
        var address = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() })
        {
            BaseAddress = new Uri(address, "/breakers/"),
        };
    }

    public HttpClient Client { get; }

    public Uri Page => Client.BaseAddress!;

    public IBreakerRegistry Breakers => _web.Services.GetRequiredService<IBreakerRegistry>();

    public IBreaker Payments => Breakers["payments"];

    public IEndpointRegistry Endpoints => _web.Services.GetRequiredService<IEndpointRegistry>();

    /// <summary>What the dashboard logged with that event id.</summary>
    public IEnumerable<string> Logged(int eventId) => _log.Lines
        .Where(line => line.Category == "Messaging.Breaker.Dashboard" && line.EventId == eventId)
        .Select(line => line.Text);

    public static async Task<TestDashboard> StartAsync(
        Action<BreakerDashboardOptions>? configure = null,
        Action<IServiceCollection>? services = null,
        Action<IEndpointConventionBuilder>? conventions = null,
        IReadOnlyList<string>? endpoints = null,
        Action<IReceiveEndpointConfigurator>? guard = null)
    {
        var log = new IntegrationTests.Infrastructure.LogRecorder();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        builder.Services.AddRoutingCore();
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments").Add("email"));
        builder.Services.AddMessagingBreakerDashboard(configure);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddOptions<MassTransitHostOptions>().Configure(options => options.WaitUntilStarted = true);
            bus.UsingInMemory((context, memory) =>
            {
                memory.UseMessagingBreaker(context);
                foreach (var name in endpoints ?? ["charge-order"])
                    memory.ReceiveEndpoint(name, endpoint =>
                    {
                        (guard ?? (guarded => guarded.UseBreaker("payments")))(endpoint);
                        endpoint.Handler<Order>(_ => Task.CompletedTask);
                    });
            });
        });
        TestUsers.AddTo(builder.Services);
        services?.Invoke(builder.Services);

        var web = builder.Build();
        web.Use((context, next) =>
        {
            if (context.Request.Headers[RemoteAddress] is [{ } address])
                context.Connection.RemoteIpAddress = IPAddress.Parse(address);
            return next(context);
        });
        web.UseRouting();
        web.UseAuthentication();
        web.UseAuthorization();
        var mapped = web.MapMessagingBreaker();
        conventions?.Invoke(mapped);
        await web.StartAsync();
        return new TestDashboard(web, log);
    }

    public async Task<JsonElement> ReadAsync(string path)
    {
        using var response = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? from = null, string? user = null) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), from, user);

    /// <summary>Steers as the page does, with a token and its cookie.</summary>
    public async Task<HttpResponseMessage> SteerAsync(string path, object body, string? from = null, string? user = null)
    {
        var response = await GetAsync("api/token", from, user);
        response.EnsureSuccessStatusCode();
        var token = await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body as HttpContent ?? JsonContent.Create(body) };
        request.Headers.Add(token.GetProperty("header").GetString()!, token.GetProperty("token").GetString());
        return await SendAsync(request, from, user);
    }

    public Task<HttpResponseMessage> PostWithoutTokenAsync(string path, string? from = null, string? user = null) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(new { reason = "a test" }) }, from, user);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? from = null, string? user = null)
    {
        if (from is not null)
            request.Headers.Add(RemoteAddress, from);
        if (user is not null)
            request.Headers.Add(TestUsers.Header, user);
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _web.StopAsync();
        await _web.DisposeAsync();
    }

    static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public sealed record Order(Guid Id);
}
