using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Messaging.Breaker.ChaosTests.Processes;

namespace Messaging.Breaker.ChaosTests.Drills;

/// <summary>The sample's drill, run as its users run it.</summary>
sealed class DrillProcess : IDisposable
{
    static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);
    static readonly TimeSpan LongestDrill = TimeSpan.FromMinutes(4);

    readonly Process _process;
    readonly string _log;

    DrillProcess(Process process, string log) => (_process, _log) = (process, log);

    public static DrillProcess Start(RabbitMqNode broker, string queueType, int instances, string? store)
    {
        var log = Path.Combine(Directory.CreateDirectory(ChaosSettings.Results).FullName, $"drill-{Guid.NewGuid():N}.log");
        string[] command =
        [
            "dotnet", Path.Combine(AppContext.BaseDirectory, "SampleWorkers.dll"), "drill", "--json",
            "--transport", "rabbitmq", "--broker", $"{broker.AmqpAddress}", "--management", $"{broker.ManagementAddress}",
            "--queue-type", queueType, "--instances", instances.ToString(CultureInfo.InvariantCulture),
            "--messages", "1200", "--rate", "150", "--outage", "2-6", "--break", "1", "--poison", "1",
            .. store is null ? [] : (string[])["--share", store],
        ];
        return new DrillProcess(OwnedProcess.Start(log, command), log);
    }

    public Task UntilPaymentsIsDownAsync() =>
        Eventually.Is(() => _process.HasExited || ReadLog().Contains("payments Error", StringComparison.Ordinal), $"payments to be down ({_log})", LongestStart);

    /// <summary>Waits for the end of the drill, which must succeed.</summary>
    public async Task<Figures> EndAsync()
    {
        await Eventually.Is(() => _process.HasExited, $"the drill to end ({_log})", LongestDrill);
        Assert.True(_process.ExitCode == 0, $"The drill ended with exit code {_process.ExitCode}:\n{ReadLog()}");
        return JsonSerializer.Deserialize<Figures>(ReadLog().TrimEnd().Split('\n')[^1], JsonSerializerOptions.Web)!;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    string ReadLog() => File.Exists(_log) ? File.ReadAllText(_log) : "";

    public sealed record Figures(int Published, int Handled, int Lost, int DeadLettered, int StillQueued, int PoisonDeadLettered);
}
