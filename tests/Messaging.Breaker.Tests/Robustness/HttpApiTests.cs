using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>Any request to the page's API is either carried out or refused as the client's fault, and steering works afterwards.</summary>
public sealed class HttpApiTests
{
    static readonly string[] Actions = ["breakers/payments/trip", "breakers/payments/isolate", "breakers/payments/release", "breakers/payments/reset", "endpoints/charge-order/pause", "endpoints/charge-order/resume"];
    static readonly string[] ContentTypes = ["application/json", "application/json; charset=utf-16", "application/json; charset=nonsense", "application/problem+json", "text/plain", ""];

    [Fact]
    public async Task Any_body_of_an_order_is_answered_and_steering_still_works()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var token = await TokenAsync(dashboard);
        Fuzzing.Hold(seed => IsAnswered(dashboard, seed, $"api/{Actions[seed % Actions.Length]}", token), share: 0.5);
        await AssertSteersAsync(dashboard);
    }

    [Fact]
    public async Task Any_address_of_a_request_is_answered_and_steering_still_works()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var token = await TokenAsync(dashboard);
        Fuzzing.Hold(seed => IsAnswered(dashboard, seed, OnOneLine(Corpus.Draw("targets", seed)), token), share: 0.5);
        await AssertSteersAsync(dashboard);
    }

    static bool IsAnswered(TestDashboard dashboard, int seed, string target, SteeringToken token)
    {
        var raw = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var isOrder = seed % 4 > 0;
        if (!Uri.TryCreate($"{dashboard.Page}{target}", raw, out var address) || (!isOrder && target.Contains("events", StringComparison.OrdinalIgnoreCase)))
            return true;
        using var request = new HttpRequestMessage(isOrder ? HttpMethod.Post : HttpMethod.Get, address);
        if (isOrder)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Corpus.Draw("orders", seed)));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentTypes[seed % 7 < 2 ? seed % ContentTypes.Length : 0]);
            request.Headers.Add(token.Header, token.Token);
        }

        using var response = dashboard.Client.Send(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode is (>= 200 and < 300) or 302 or (>= 400 and < 500), $"{seed}: {request.Method} {target}: {response.StatusCode}");
        return true;
    }

    /// <summary>Escapes what a client cannot send in an address, because it would be a different request.</summary>
    static string OnOneLine(string target) => string.Concat(target.Select(letter => letter is > ' ' and < '\u007F' ? letter.ToString() : Uri.HexEscape((char)(letter & 0xFF))));

    static async Task AssertSteersAsync(TestDashboard dashboard)
    {
        using var reset = await dashboard.SteerAsync("api/breakers/payments/reset", new { reason = "a test" });
        using var isolated = await dashboard.SteerAsync("api/breakers/payments/isolate", new { reason = "a test" });
        Assert.Equal(BreakerState.Isolated, dashboard.Payments.State);
        using var paused = await dashboard.SteerAsync("api/endpoints/charge-order/pause", new { reason = "a test" });
        Assert.NotNull(Assert.Single(dashboard.Endpoints.Endpoints).Hold);
    }

    static async Task<SteeringToken> TokenAsync(TestDashboard dashboard)
    {
        using var response = await dashboard.GetAsync("api/token");
        var token = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return new SteeringToken(token.GetProperty("header").GetString()!, token.GetProperty("token").GetString()!);
    }

    sealed record SteeringToken(string Header, string Token);
}
