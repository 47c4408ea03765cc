using System.Globalization;
using System.Text;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Playwright;
using RabbitMQ.Client;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

public sealed class DeadLetterTests(BrokerFixture broker, TestBrowser browser) : IClassFixture<TestBrowser>
{
    [Fact]
    public async Task Dead_letters_can_be_viewed_and_redriven_on_the_page()
    {
        await using var shop = await Shop.OpenAsync(broker.Node, $"charge-order-{Guid.NewGuid():N}"[..18], TimeSpan.FromSeconds(2));
        await PublishAsync($"{shop.Queue}_error", shop.Queue);
        await using var page = await browser.OpenAsync(shop.Page);
        await page.Page.Locator("#letters-look").ClickAsync();
        await Assertions.Expect(page.Page.Locator("#letters-summary")).ToContainTextAsync("60 messages in 2 groups");
        var group = page.Page.Locator("#letters-groups tr").First;
        await Assertions.Expect(group).ToContainTextAsync("The card of order # was declined by '…'");
        await group.Locator("summary").ClickAsync();
        await Assertions.Expect(group.Locator("pre")).ToContainTextAsync("tenant: north");
        Assert.Empty(await LayoutProblems.FindAsync(page.Page));
        await page.Page.EvaluateAsync("scrollTo(0, 0)");

        await page.SteerAsync(group, "Redrive", "the card's provider is fixed");
        var run = page.Page.Locator("#runs li").First;
        await Assertions.Expect(run.Locator("progress")).ToBeVisibleAsync();
        await Assertions.Expect(run).ToContainTextAsync("Completed", new LocatorAssertionsToContainTextOptions { Timeout = 20_000 });
        await Assertions.Expect(run).ToContainTextAsync("60 of 60 read, 45 moved");
        await Assertions.Expect(run.GetByRole(AriaRole.Button)).ToBeHiddenAsync();

        await page.Page.Locator("#letters-look").ClickAsync();
        await Assertions.Expect(page.Page.Locator("#letters-summary")).ToContainTextAsync("15 messages in 1 group");
        Assert.Empty(await LayoutProblems.FindAsync(page.Page));
        await page.Page.EvaluateAsync("scrollTo(0, 0)");
        await Screenshots.TakeAsync(page, "dead-letters");
        await page.Page.Locator("#letters-groups tr").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Discard" }).ClickAsync();
        await page.Page.Locator("#steer-reason").FillAsync("of no use");
        await page.Page.Locator("#steer-confirm").ClickAsync();
        await Assertions.Expect(page.Page.Locator("#steer-problem")).ToContainTextAsync("name a file");
        await page.Page.Locator("#steer-confirm-name").FillAsync($"{shop.Queue}_error");
        await page.Page.Locator("#steer-confirm").ClickAsync();
        await Assertions.Expect(page.Page.Locator("#steer")).ToBeHiddenAsync();
        await Assertions.Expect(page.Page.Locator("#runs li").First).ToContainTextAsync("15 moved");
    }

    async Task PublishAsync(string errors, string input)
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Node.AmqpAddress }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeclareAsync(errors, durable: true, exclusive: false, autoDelete: false);
        for (var number = 0; number < 60; number++)
        {
            var headers = new Dictionary<string, object?>
            {
                ["tenant"] = "north",
                ["MT-Reason"] = "fault",
                ["MT-Fault-ExceptionType"] = number % 4 == 0 ? "System.Text.Json.JsonException" : "Shop.CardDeclinedException",
                ["MT-Fault-Message"] = number % 4 == 0 ? "The amount is missing" : $"The card of order {number} was declined by 'bank {number}'",
                ["MT-Fault-MessageType"] = "Shop.Orders.Order",
                ["MT-Fault-ConsumerType"] = "Shop.Orders.ChargeOrderConsumer",
                ["MT-Fault-Timestamp"] = DateTimeOffset.UtcNow.AddMinutes(number - 90).ToString("O", CultureInfo.InvariantCulture),
                ["MT-Fault-InputAddress"] = $"rabbitmq://broker/{input}",
                ["MT-Host-MachineName"] = "worker-1",
            };
            var body = $$"""{"messageType":["{{MessageUrn.ForTypeString<Shop.Order>()}}"],"message":{"number":{{1_000_000 + number}} } }""";
            var properties = new BasicProperties { MessageId = Guid.NewGuid().ToString(), ContentType = "application/vnd.masstransit+json", Persistent = true, Headers = headers };
            await channel.BasicPublishAsync("", errors, mandatory: true, properties, Encoding.UTF8.GetBytes(body));
        }
    }
}
