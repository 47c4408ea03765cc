using System.CommandLine;
using System.CommandLine.Parsing;
using Messaging.Breaker.Bench;
using OutageDrill.Plots;
using OutageDrill.Reports;
using OutageDrill.Variants;

namespace OutageDrill;

static class DrillCommand
{
    const int OursDidHarm = 1;
    const int CannotRun = 2;

    static readonly Option<bool> Quick = new("--quick")
    {
        Description = "One round of the main scenario, in under three minutes; the report and the plots go to artifacts/outage-drill",
    };

    static readonly Option<Uri?> Broker = new("--broker")
    {
        Description = "A running RabbitMQ, amqp://user:password@host:port/vhost; without it, one of the installed package is started",
        CustomParser = ParseBroker,
    };

    static readonly Option<bool> Redraw = new("--redraw")
    {
        Description = "Run nothing; write the report and the plots of the last drill again",
    };

    public static RootCommand Create()
    {
        var command = new RootCommand("What an outage of six seconds costs, with Messaging.Breaker and with what else there is.") { Quick, Broker, Redraw };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The error does not repeat the address: it may hold a password.</summary>
    static Uri? ParseBroker(ArgumentResult argument)
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "amqp" or "amqps")
            return address;
        argument.AddError("--broker takes an address like amqp://guest:guest@localhost:5672/");
        return null;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var isQuick = parsed.GetValue(Quick);
        var paths = new OutputPaths(isQuick);
        try
        {
            var record = parsed.GetValue(Redraw)
                ? await DrillRecord.LoadAsync(paths.Record)
                : await RunAsync(parsed.GetValue(Broker), isQuick, paths, cancellationToken);
            await WriteAsync(record, paths);
            return record.Runs.Any(run => Catalog.Find(run.Variant).IsOurs && !run.IsHarmless) ? OursDidHarm : 0;
        }
        catch (Exception exception) when (exception is DrillImpossibleException or NoBrokerException or FileNotFoundException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return CannotRun;
        }
    }

    static async Task<DrillRecord> RunAsync(Uri? address, bool isQuick, OutputPaths paths, CancellationToken cancellationToken)
    {
        await using var broker = await BenchBroker.GetAsync(address);
        var record = await new Drill(broker, paths.Logs).RunAsync(isQuick, cancellationToken);
        await record.SaveAsync(paths.Record);
        return record;
    }

    static async Task WriteAsync(DrillRecord record, OutputPaths paths)
    {
        var report = new MarkdownReport(record).ToString();
        await File.WriteAllTextAsync(paths.Report, report);
        PanelPlot.Save(record, paths.Panels);
        HeroPlot.Save(record, paths.Hero);
        Console.WriteLine();
        Console.WriteLine(report);
        Console.WriteLine($"Written to {paths.Report}, {paths.Panels} and {paths.Hero}");
    }
}
