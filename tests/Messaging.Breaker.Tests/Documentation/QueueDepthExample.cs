using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrderService;

static class QueueDepthExample
{
    public static void Watch(HostApplicationBuilder builder)
    {
        builder.Services.AddMessagingBreaker(breakers => breakers
            .Add("payments")
            .WatchQueues(options =>
            {
                options.Rules.Depth.Raise = 5_000;
                options.Overrides["invoices"] = new QueueAlertRules { Age = { Raise = TimeSpan.FromHours(8) }, Depth = { IsEnabled = false } };
                options.Queues.Add("charge-order_error");
                options.PublishAlerts = true;
            }));

        builder.Services.AddSingleton<IAlertSink, ChatSink>();
    }
}

public sealed class ChatSink : IAlertSink
{
    public Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken) =>
        SayAsync($"{raised.Alert.Severity}: {raised.Alert.Message}", cancellationToken);

    public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken) =>
        SayAsync($"{cleared.Key}: {cleared.Message}", cancellationToken);

    static Task SayAsync(string text, CancellationToken cancellationToken) => Console.Out.WriteLineAsync(text.AsMemory(), cancellationToken);
}

public static class Webhook
{
    public static bool IsGenuine(string secret, string id, string timestamp, string signature, string body, DateTimeOffset now)
    {
        if (!long.TryParse(timestamp, CultureInfo.InvariantCulture, out var seconds) || Math.Abs(now.ToUnixTimeSeconds() - seconds) > 300)
            return false;  // too old, or from the future: somebody repeats what he overheard
        var key = Convert.FromBase64String(secret.Replace("whsec_", "", StringComparison.Ordinal));
        var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));
        return signature.Split(' ').Any(one => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(expected)));
    }
}
