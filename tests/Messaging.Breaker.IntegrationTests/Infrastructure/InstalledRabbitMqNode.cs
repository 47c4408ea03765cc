namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>A node from the installed package or in a requested version, run by the same script as in continuous integration.</summary>
sealed class InstalledRabbitMqNode(string config) : RabbitMqNode
{
    readonly NodeScript _script = NodeScript.InNewDirectory("broker.sh");
    Uri[]? _addresses;

    public static bool IsAvailable => OperatingSystem.IsLinux() && File.Exists("/usr/lib/rabbitmq/bin/rabbitmq-server");

    public override Uri AmqpAddress => Addresses[0];

    public override Uri ManagementAddress => Addresses[1];

    Uri[] Addresses => _addresses ?? throw new InvalidOperationException("The node has not been started.");

    public override async Task StartAsync()
    {
        string output = await _script.StartAsync(config);
        _addresses = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new Uri(line))];
    }

    public override Task StopAsync() => _script.RunAsync("stop");

    public override Task KillAsync() => _script.RunAsync("kill");

    protected override Task<string> ControlAsync(params string[] arguments) => _script.RunAsync("ctl", ["--quiet", .. arguments]);

    protected override Task RemoveAsync() => _script.RunAsync("remove");
}
