using System.Net;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Databases;

/// <summary>A PostgreSQL server from the installed package, run by the same script as in continuous integration.</summary>
sealed class InstalledPostgresNode : PostgresNode
{
    readonly NodeScript _script = NodeScript.InNewDirectory("postgres.sh");
    IPEndPoint? _address;

    public static bool IsAvailable => OperatingSystem.IsLinux() && Directory.Exists("/usr/lib/postgresql");

    protected override (string Host, int Port) Address => _address is null
        ? throw new InvalidOperationException("PostgreSQL has not been started.")
        : (_address.Address.ToString(), _address.Port);

    public override async Task StartAsync() => _address = IPEndPoint.Parse((await _script.StartAsync()).Trim());

    public override Task StopAsync() => _script.RunAsync("stop");

    public override Task KillAsync() => _script.RunAsync("kill");

    public override Task PauseAsync() => _script.RunAsync("pause");

    public override Task ResumeAsync() => _script.RunAsync("resume");

    public override async ValueTask DisposeAsync() => await _script.RunAsync("remove");
}
