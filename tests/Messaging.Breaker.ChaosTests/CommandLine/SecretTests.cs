using System.Text.RegularExpressions;
using Messaging.Breaker.ChaosTests.Processes;
using Messaging.Breaker.Dashboard.Tests.Secrets;
using SampleWorkers.CommandLine;

namespace Messaging.Breaker.ChaosTests.CommandLine;

/// <summary>If the sample cannot reach an address, it never prints the password in it.</summary>
[Collection(nameof(CommandLineTests))]
public sealed partial class SecretTests
{
    const string Password = "m4rkedPa55word";
    const string Nonsense = "HTTP/1.1 000 nonsense\r\n-ERR nonsense\r\n";
    const string Unauthorized = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";

    public static TheoryData<string, string> Rows()
    {
        var rows = new TheoryData<string, string>();
        foreach (var line in new[]
        {
            $"worker --broker amqp://worker:{Password}@AT/",
            $"worker --broker amqps://worker:{Password}@AT/",
            $"worker --broker amqp://worker:{Password}@AT/ --payments http://u:{Password}@AT/ --mail http://u:{Password}@AT/ --report http://u:{Password}@AT/ --share redis://u:{Password}@AT",
            $"producer --broker amqp://worker:{Password}@AT/",
            $"drill --transport rabbitmq --broker amqp://worker:{Password}@AT/ --management http://u:{Password}@AT/",
            $"drill --transport rabbitmq --broker amqp://worker:{Password}@AT/ --instances 2 --share rediss://u:{Password}@AT",
            $"health http://worker:{Password}@AT/health",
            $"health https://worker:{Password}@AT/health",
        })
            foreach (var failure in new[] { "refused", "nonsense", "unauthorized" })
                rows.Add(line, failure);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task An_unreachable_address_is_named_without_its_password(string line, string failure)
    {
        using var server = failure switch
        {
            "refused" => FailingServer.Refusing(),
            "nonsense" => FailingServer.Saying(Nonsense),
            _ => FailingServer.Saying(Unauthorized),
        };

        var (code, terminal) = await CommandLineTests.RunAsync(line.Replace("AT", $"127.0.0.1:{server.Port}", StringComparison.Ordinal).Split(' '), []);

        Assert.Contains(code, new[] { ExitCode.Failure, ExitCode.Unreachable });
        Assert.DoesNotContain(Password, terminal, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", terminal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_whose_services_all_fail_logs_none_of_their_passwords()
    {
        await using var node = await TestBroker.StartNewAsync();
        using var gone = FailingServer.Refusing();
        var folder = Directory.CreateTempSubdirectory("secrets-");
        var (at, log) = ($"127.0.0.1:{gone.Port}", Path.Combine(folder.FullName, "worker.log"));
        string[] sample = ["dotnet", Path.Combine(AppContext.BaseDirectory, "SampleWorkers.dll")];
        string[] worker =
        [
            .. sample, "worker", "--urls", "http://127.0.0.1:0", "--broker", node.AmqpAddress.ToString(), "--payments", $"http://u:{Password}@{at}/",
            "--mail", $"http://u:{Password}@{at}/", "--report", $"http://u:{Password}@{at}/", "--share", $"redis://u:{Password}@{at}",
        ];
        using var process = OwnedProcess.Start(log, worker, new Dictionary<string, string>
        {
            ["Logging__LogLevel__Default"] = "Trace",
            ["QueueDepth__SamplingInterval"] = "00:00:00.2",
            ["QueueDepth__Rules__Paused__Raise"] = "00:00:00.001",
            ["QueueDepth__ManagementAddress"] = $"http://u:{Password}@{at}/",
            ["QueueDepth__Webhook__Address"] = $"http://u:{Password}@{at}/{Password}",
            ["QueueDepth__Webhook__Secret"] = Password + new string('A', 30),
            ["QueueDepth__Webhook__Attempts"] = "1",
        });
        try
        {
            await UntilAsync(log, "Application started");
            using var producer = OwnedProcess.Start($"{log}.producer", [.. sample, "producer", "--broker", node.AmqpAddress.ToString(), "--messages", "20"]);
            foreach (var words in new[] { "payments: Closed -> Open", "could not be reported", "The fleet's store", "does not answer", "could not be delivered" })
                await UntilAsync(log, words);

            using var client = new HttpClient { BaseAddress = new Uri(ListeningOn().Match(await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken)).Value) };
            foreach (var path in new[] { "/health", "/metrics", "/breakers/", "/breakers/api/state", "/breakers/api/history" })
                Assert.DoesNotContain(Password, await (await client.GetAsync(path, TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
            await producer.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            process.Send("TERM");
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain(Password, await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
        folder.Delete(recursive: true);
    }

    static Task<string> UntilAsync(string log, string words) =>
        Eventually.Is(() => File.ReadAllTextAsync(log), text => text.Contains(words, StringComparison.Ordinal), $"'{words}' in the log", TimeSpan.FromMinutes(1));

    [GeneratedRegex(@"(?<=Now listening on: )http://\S+")]
    private static partial Regex ListeningOn();
}
