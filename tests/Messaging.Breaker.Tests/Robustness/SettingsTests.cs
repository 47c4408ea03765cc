using System.Text;
using System.Text.Json;
using Messaging.Breaker.Breakers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>Whatever the configuration says, the host refuses it by the name of what is wrong, or starts and can be steered.</summary>
public class SettingsTests
{
    const string Marked = "m4rked-pa55word";

    [Fact]
    public void Settings_are_taken_or_refused_by_name() => Fuzzing.Hold(
        seed =>
        {
            // Most randomly changed documents are no longer JSON.
            if (Enumerable.Range(seed, 10).Select(number => Read(Corpus.Draw("settings", number))).FirstOrDefault(read => read is not null) is not { } configuration)
                return true;
            var services = new ServiceCollection()
                .AddSingleton(configuration)
                .AddMessagingBreaker(breakers => breakers.WatchQueues())
                .BuildServiceProvider();
            try
            {
                foreach (var breaker in services.GetRequiredService<BreakerRegistry>().Breakers)
                    breaker.Reset("a test");
                return services.GetRequiredService<IQueueMonitor>().Queues.Count >= 0;
            }
            catch (OptionsValidationException refusal)
            {
                return (refusal.Message.Contains("Breaker", StringComparison.Ordinal) || refusal.Message.Contains("QueueDepth", StringComparison.Ordinal))
                    && !refusal.ToString().Contains(Marked, StringComparison.OrdinalIgnoreCase);
            }
            finally
            {
                services.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        },
        share: 0.2);

    [Fact]
    public void A_value_of_any_option_is_taken_or_refused_by_name() => Fuzzing.Hold(
        seed =>
        {
            var random = new Random(seed);
            string[] options = [.. typeof(BreakerOptions).GetProperties().Select(property => property.Name), "", "Probes:0", "Unknown"];
            string[] values = ["", "0", "-1", "NaN", "Infinity", "1e999", "10675199.02:48:05.4775807", "-00:00:01", "true", "Shadow", "99", Mutation.Text(random)];
            var settings = new Dictionary<string, string?>
            {
                [$"Breakers:{(random.Next(3) == 0 ? Mutation.Text(random) : "payments")}:{options[random.Next(options.Length)]}"] = values[random.Next(values.Length)],
            };
            using var services = new ServiceCollection()
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
                .AddMessagingBreaker()
                .BuildServiceProvider();
            try
            {
                foreach (var breaker in services.GetRequiredService<BreakerRegistry>().Breakers)
                    breaker.Reset("a test");
                return true;
            }
            catch (OptionsValidationException refusal)
            {
                return refusal.Message.Contains("Breakers", StringComparison.Ordinal) || refusal.Message.Contains("Breaker '", StringComparison.Ordinal);
            }
        },
        share: 0.1);

    /// <returns>Null if the document is not JSON, about which the host itself complains.</returns>
    static IConfiguration? Read(string document)
    {
        try
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(document));
            return new ConfigurationBuilder().AddJsonStream(stream).Build();
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
