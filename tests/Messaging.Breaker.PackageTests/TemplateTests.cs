using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.PackageTests;

public class TemplateTests(PackedPackages packed, BrokerFixture broker)
{
    [Fact]
    public async Task A_worker_from_the_template_passes_its_tests_and_survives_an_outage_of_its_payments_service()
    {
        var folder = await packed.BuildTemplateAsync("Shop.Orders");
        var amqp = broker.Node.AmqpAddress;
        var user = amqp.UserInfo.Split(':');
        using var worker = packed.Start(
            Path.Combine(folder, "src", "Shop.Orders"),
            new Dictionary<string, string>
            {
                ["RabbitMq__Host"] = amqp.Host,
                ["RabbitMq__Port"] = amqp.Port.ToString(CultureInfo.InvariantCulture),
                ["RabbitMq__User"] = Uri.UnescapeDataString(user[0]),
                ["RabbitMq__Pass"] = Uri.UnescapeDataString(user[1]),
                ["Payments__Address"] = "http://127.0.0.1:1/", // Nothing listens there.
                ["Urls"] = "http://127.0.0.1:0",
            },
            Path.Combine("bin", "Release", "net10.0", "Shop.Orders.dll"));
        var errors = worker.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            using var http = new HttpClient { BaseAddress = await AddressOfAsync(worker) };
            _ = worker.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            for (var order = 0; order < 20; order++)
                using (var answer = await http.PostAsync(new Uri("/orders", UriKind.Relative), null, TestContext.Current.CancellationToken))
                    answer.EnsureSuccessStatusCode();
            await Eventually.Is(
                async () => (await http.GetFromJsonAsync<JsonElement>("/breakers/api/state")).GetProperty("breakers")[0].GetProperty("state").GetString(),
                state => state == "Open",
                "the breaker to open");
            Assert.Null(await broker.Node.GetQueueAsync("ChargeOrder_error"));
        }
        finally
        {
            worker.Kill(entireProcessTree: true);
            await errors;
        }
    }

    /// <summary>Reads the worker's address from its log.</summary>
    static async Task<Uri> AddressOfAsync(Process worker)
    {
        const string Announcement = "Now listening on: ";
        while (await worker.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.IndexOf(Announcement, StringComparison.Ordinal) is >= 0 and var at)
                return new Uri(line[(at + Announcement.Length)..].Trim());
        throw new InvalidOperationException("The worker ended before it listened.");
    }
}
