using System.Globalization;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>A node run by the script that continuous integration uses too, from the installed package or of the version that is wanted.</summary>
sealed class InstalledRabbitMqNode(string config) : RabbitMqNode
{
    static readonly string Script = Path.Combine(AppContext.BaseDirectory, "broker.sh");

    readonly string _directory = Directory.CreateTempSubdirectory("messaging-breaker-").FullName;
    Uri[]? _addresses;

    public static bool IsAvailable => OperatingSystem.IsLinux() && File.Exists("/usr/lib/rabbitmq/bin/rabbitmq-server");

    public override Uri AmqpAddress => Addresses[0];

    public override Uri ManagementAddress => Addresses[1];

    Uri[] Addresses => _addresses ?? throw new InvalidOperationException("The node has not been started.");

    public override async Task StartAsync()
    {
        var owner = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        string output = await RunAsync("start", owner, config);
        _addresses = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new Uri(line))];
    }

    public override Task StopAsync() => RunAsync("stop");

    public override Task KillAsync() => RunAsync("kill");

    protected override Task<string> ControlAsync(params string[] arguments) => RunAsync("ctl", ["--quiet", .. arguments]);

    protected override Task RemoveAsync() => RunAsync("remove");

    Task<string> RunAsync(string command, params string[] arguments) => NodeScript.RunAsync(Script, command, [_directory, .. arguments]);
}
