namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>A Redis server from the installed package, run by the same script as in continuous integration.</summary>
sealed class InstalledRedisNode : RedisNode
{
    readonly Infrastructure.NodeScript _script = Infrastructure.NodeScript.InNewDirectory("redis.sh");
    string? _address;

    public static bool IsAvailable => OperatingSystem.IsLinux() && File.Exists("/usr/bin/redis-server");

    public override string Address => _address ?? throw new InvalidOperationException("Redis has not been started.");

    public override async Task StartAsync() => _address = (await _script.StartAsync()).Trim();

    public override Task KillAsync() => _script.RunAsync("kill");

    public override Task PauseAsync() => _script.RunAsync("pause");

    public override Task ResumeAsync() => _script.RunAsync("resume");

    public override async ValueTask DisposeAsync() => await _script.RunAsync("remove");
}
