using System.Globalization;
using System.Net;
using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class KeyTests
{
    [Fact]
    public async Task A_key_can_be_isolated_released_tripped_and_reset_and_the_timeline_records_it()
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        var key = KeyedDashboard.KeysOf(dashboard)["acme"];

        await SteerAsync(dashboard, "isolate", "acme", new { reason = "it moves house until Monday", expirySeconds = 259_200 });
        var isolated = key.GetSnapshot();
        Assert.Equal((BreakerState.Isolated, "it moves house until Monday"), (isolated.State, isolated.Reason));
        Assert.Equal(259_200, (isolated.NextProbeAt!.Value - isolated.Since).TotalSeconds, 1.0);
        await SteerAsync(dashboard, "release", "acme", new { reason = "done early" });
        Assert.Equal(BreakerState.HalfOpen, key.State);
        await SteerAsync(dashboard, "trip", "acme", new { reason = "still down", minimumBreakSeconds = 600 });
        Assert.Equal(BreakerState.Open, key.State);
        await SteerAsync(dashboard, "reset", "acme", new { reason = "false alarm" });
        Assert.Equal(BreakerState.Closed, key.State);
        Assert.Equal(BreakerState.Closed, dashboard.Breakers["webhooks"].State);

        Assert.Equal("127.0.0.1 steered by the dashboard: isolate key webhooks[acme]: it moves house until Monday", dashboard.Logged(200).First());
        var entries = (await ReadAsync(dashboard, "api/history")).GetProperty("timeline").EnumerateArray().ToList();
        Assert.Equal(["Isolated", "HalfOpen", "Open", "Closed"], entries.Select(entry => entry.GetProperty("to").GetString()));
        Assert.All(entries, entry => Assert.Equal(("Key", "webhooks[acme]"), (entry.GetProperty("kind").GetString(), entry.GetProperty("subject").GetString())));
    }

    [Fact]
    public async Task A_key_with_any_name_is_found_and_steered_and_nothing_else_changes()
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        var keys = KeyedDashboard.KeysOf(dashboard);
        foreach (var key in KeyedDashboard.HostileKeys)
        {
            // A key that is too long for an address is named by its beginning and a hash.
            var name = key.Length <= 200 ? key : NameOf(keys, key);
            await SteerAsync(dashboard, "isolate", name, new { reason = "a test" });
            Assert.Equal(BreakerState.Isolated, keys[key].State);
            Assert.Equal(name, Assert.Single(keys.NotClosed).Key);
            Assert.All(dashboard.Breakers.Breakers, breaker => Assert.Equal(BreakerState.Closed, breaker.State));

            var found = await ReadAsync(dashboard, $"api/breakers/webhooks/keys?search={Uri.EscapeDataString(name)}");
            Assert.Equal(name, found.GetProperty("keys")[0].GetProperty("key").GetString());
            await SteerAsync(dashboard, "reset", name, new { reason = "a test" });
            Assert.Empty(keys.NotClosed);
        }

        Assert.All(dashboard.Logged(200), line => Assert.DoesNotContain(line, char.IsControl));
    }

    [Fact]
    public async Task The_state_summarises_ten_thousand_keys_as_counts_and_the_ten_worst()
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        var keys = KeyedDashboard.KeysOf(dashboard);
        foreach (var number in Enumerable.Range(1, 10_000))
            keys[number.ToString(CultureInfo.InvariantCulture) + new string('x', 180)].Isolate(new string('r', 400));

        var view = Assert.Single((await ReadAsync(dashboard, "api/state")).GetProperty("keys").EnumerateArray());
        Assert.Equal("webhooks", view.GetProperty("breaker").GetString());
        Assert.Equal(10_000, view.GetProperty("summary").GetProperty("isolated").GetInt32());
        Assert.Equal(10, view.GetProperty("keys").GetArrayLength());
        Assert.True(view.GetProperty("areMore").GetBoolean());
        Assert.InRange(view.GetRawText().Length, 5_000, 12_000);

        Assert.Equal(50, (await ReadAsync(dashboard, "api/breakers/webhooks/keys?search=7")).GetProperty("keys").GetArrayLength());
        Assert.Equal(200, (await ReadAsync(dashboard, "api/breakers/webhooks/keys?search=7&most=200")).GetProperty("keys").GetArrayLength());
        var one = await ReadAsync(dashboard, "api/breakers/webhooks/keys?search=7777X");
        Assert.Equal((1, false), (one.GetProperty("keys").GetArrayLength(), one.GetProperty("areMore").GetBoolean()));
    }

    [Fact]
    public async Task A_healthy_key_is_found_and_a_key_never_seen_can_be_steered()
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        KeyedDashboard.AddHealthy(dashboard, 3);
        Assert.Empty((await ReadAsync(dashboard, "api/breakers/webhooks/keys")).GetProperty("keys").EnumerateArray());
        Assert.Equal(3, (await ReadAsync(dashboard, "api/breakers/webhooks/keys?search=CUSTOMER")).GetProperty("keys").GetArrayLength());
        Assert.Equal(0, (await ReadAsync(dashboard, "api/breakers/webhooks/keys?search=globex")).GetProperty("keys").GetArrayLength());
        await SteerAsync(dashboard, "isolate", "globex", new { reason = "not before Monday" });
        Assert.Equal("globex", Assert.Single(KeyedDashboard.KeysOf(dashboard).NotClosed).Key);
    }

    [Theory]
    [InlineData("webhooks", "", HttpStatusCode.BadRequest)]
    [InlineData("webhooks", "?key=", HttpStatusCode.BadRequest)]
    [InlineData("webhooks", "?key=a&key=b", HttpStatusCode.BadRequest)]
    [InlineData("payments", "?key=a", HttpStatusCode.NotFound)]
    [InlineData("nobody", "?key=a", HttpStatusCode.NotFound)]
    public async Task A_request_that_names_no_key_is_refused(string breaker, string query, HttpStatusCode status)
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        using var response = await dashboard.SteerAsync($"api/breakers/{breaker}/keys/isolate{query}", new { reason = "a test" });
        Assert.Equal(status, response.StatusCode);
        Assert.NotEqual("", (await ReadAsync(response)).GetProperty("detail").GetString());
        Assert.Empty(KeyedDashboard.KeysOf(dashboard).NotClosed);
        Assert.Empty(dashboard.Logged(200));
    }

    [Theory]
    [InlineData("payments", "", HttpStatusCode.NotFound)]
    [InlineData("nobody", "", HttpStatusCode.NotFound)]
    [InlineData("webhooks", "?most=0", HttpStatusCode.BadRequest)]
    [InlineData("webhooks", "?most=201", HttpStatusCode.BadRequest)]
    [InlineData("webhooks", "?most=all", HttpStatusCode.BadRequest)]
    public async Task A_search_that_makes_no_sense_is_refused(string breaker, string query, HttpStatusCode status)
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        using var response = await dashboard.GetAsync($"api/breakers/{breaker}/keys{query}");
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Bad_input_is_refused_as_for_a_breaker()
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        foreach (var (action, body) in new (string, object)[] { ("isolate", new { }), ("release", new { reason = "a test", expirySeconds = 60 }), ("trip", new { reason = "two\nlines" }) })
        {
            using var response = await dashboard.SteerAsync(KeyedDashboard.AddressOf(action, "acme"), body);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }

        Assert.Equal(0, KeyedDashboard.KeysOf(dashboard).Remembered);
    }

    [Fact]
    public async Task A_key_is_steered_only_with_a_token_and_only_by_those_who_may_steer()
    {
        await using var locked = await KeyedDashboard.StartAsync();
        using var withoutToken = await locked.PostWithoutTokenAsync(KeyedDashboard.AddressOf("isolate", "acme"));
        Assert.Equal(HttpStatusCode.BadRequest, withoutToken.StatusCode);
        using var elsewhere = await locked.GetAsync("api/breakers/webhooks/keys", TestDashboard.Elsewhere);
        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);

        await using var dashboard = await KeyedDashboard.StartAsync(options => (options.ReadPolicy, options.SteerPolicy) = (TestUsers.Readers, TestUsers.Steerers));
        using var reading = await dashboard.GetAsync("api/breakers/webhooks/keys", TestDashboard.Elsewhere, "ben");
        Assert.Equal(HttpStatusCode.OK, reading.StatusCode);
        using var refused = await dashboard.PostWithoutTokenAsync(KeyedDashboard.AddressOf("isolate", "acme"), TestDashboard.Elsewhere, "ben");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(0, KeyedDashboard.KeysOf(dashboard).Remembered);

        using var steered = await dashboard.SteerAsync(KeyedDashboard.AddressOf("isolate", "acme"), new { reason = "maintenance" }, TestDashboard.Elsewhere, "anna");
        Assert.Equal(HttpStatusCode.OK, steered.StatusCode);
        Assert.Equal("maintenance (anna)", Assert.Single(KeyedDashboard.KeysOf(dashboard).NotClosed).Reason);
        Assert.Equal("anna steered by the dashboard: isolate key webhooks[acme]: maintenance (anna)", Assert.Single(dashboard.Logged(200)));
    }

    static string NameOf(IBreakerKeys keys, string key)
    {
        _ = keys[key].State;
        return keys.Find(key, 1)[0].Key;
    }

    static async Task SteerAsync(TestDashboard dashboard, string action, string key, object body)
    {
        using var response = await dashboard.SteerAsync(KeyedDashboard.AddressOf(action, key), body);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{action} of '{key}': {response.StatusCode}");
    }

    static async Task<JsonElement> ReadAsync(TestDashboard dashboard, string path)
    {
        using var response = await dashboard.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await ReadAsync(response);
    }

    static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
}
