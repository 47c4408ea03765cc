using System.Globalization;
using System.Net;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Databases;

/// <summary>A PostgreSQL run from the installed package, by the script that continuous integration uses too.</summary>
sealed class InstalledPostgresNode : PostgresNode
{
    static readonly string Script = Path.Combine(AppContext.BaseDirectory, "postgres.sh");

    readonly string _directory = Directory.CreateTempSubdirectory("messaging-breaker-").FullName;
    IPEndPoint? _address;

    public static bool IsAvailable => OperatingSystem.IsLinux() && Directory.Exists("/usr/lib/postgresql");

    protected override (string Host, int Port) Address => _address is null
        ? throw new InvalidOperationException("PostgreSQL has not been started.")
        : (_address.Address.ToString(), _address.Port);

    public override async Task StartAsync() =>
        _address = IPEndPoint.Parse((await RunScriptAsync("start", Environment.ProcessId.ToString(CultureInfo.InvariantCulture))).Trim());

    public override Task StopAsync() => RunScriptAsync("stop");

    public override Task KillAsync() => RunScriptAsync("kill");

    public override Task PauseAsync() => RunScriptAsync("pause");

    public override Task ResumeAsync() => RunScriptAsync("resume");

    public override async ValueTask DisposeAsync() => await RunScriptAsync("remove");

    Task<string> RunScriptAsync(string command, params string[] arguments) => NodeScript.RunAsync(Script, command, [_directory, .. arguments]);
}
