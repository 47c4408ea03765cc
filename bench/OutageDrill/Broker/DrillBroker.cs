using System.Diagnostics;
using System.Globalization;

namespace OutageDrill.Broker;

/// <summary>The RabbitMQ of the drill: the one that was named, or a private node.</summary>
sealed class DrillBroker : IAsyncDisposable
{
    static readonly string Script = Path.Combine(AppContext.BaseDirectory, "broker.sh");

    readonly string? _directory;

    DrillBroker(Uri address, string? directory) => (Address, _directory) = (address, directory);

    public Uri Address { get; }

    /// <exception cref="DrillImpossibleException">None was named, and none is installed or it does not start.</exception>
    public static async Task<DrillBroker> GetAsync(Uri? named)
    {
        if (named is not null)
            return new DrillBroker(named, null);
        var directory = Directory.CreateTempSubdirectory("outage-drill-").FullName;
        var addresses = await RunScriptAsync("start", directory, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new DrillBroker(new Uri(addresses.Split('\n')[0]), directory);
    }

    public async ValueTask DisposeAsync()
    {
        if (_directory is not null)
            await RunScriptAsync("remove", _directory);
    }

    static async Task<string> RunScriptAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new DrillImpossibleException(
            $"The drill needs RabbitMQ. {error.Trim()} Or name a running one: --broker amqp://guest:guest@localhost:5672/");
    }
}
