using System.Globalization;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>A Redis run from the installed package, by the script that continuous integration uses too.</summary>
sealed class InstalledRedisNode : RedisNode
{
    static readonly string Script = Path.Combine(AppContext.BaseDirectory, "redis.sh");

    readonly string _directory = Directory.CreateTempSubdirectory("messaging-breaker-").FullName;
    string? _address;

    public static bool IsAvailable => OperatingSystem.IsLinux() && File.Exists("/usr/bin/redis-server");

    public override string Address => _address ?? throw new InvalidOperationException("Redis has not been started.");

    public override async Task StartAsync() =>
        _address = (await RunScriptAsync("start", Environment.ProcessId.ToString(CultureInfo.InvariantCulture))).Trim();

    public override Task KillAsync() => RunScriptAsync("kill");

    public override Task PauseAsync() => RunScriptAsync("pause");

    public override Task ResumeAsync() => RunScriptAsync("resume");

    public override async ValueTask DisposeAsync() => await RunScriptAsync("remove");

    Task<string> RunScriptAsync(string command, params string[] arguments) => Infrastructure.NodeScript.RunAsync(Script, command, [_directory, .. arguments]);
}
