using System.CommandLine;
using MassTransit;
using Messaging.Breaker.Cli.CommandLine;
using SampleWorkers.Drill.Workers;
using SampleWorkers.Sharing;
using SampleWorkers.Transport;

namespace SampleWorkers.CommandLine;

static class CommandLineRunner
{
    public static async Task<int> RunAsync(Func<RootCommand> build, string[] args)
    {
        RootCommand root;
        try
        {
            root = build();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            await ErrorLine.WriteAsync(ErrorLine.Of(exception));
            return ExitCode.BadArguments;
        }

        var parsed = root.Parse(args);
        var command = parsed.CommandResult.Command;
        if (parsed.Errors.Count > 0)
            return await RefuseAsync(root, command, parsed.Errors.Select(error => error.Message));

        using var stop = new StopSignal();
        try
        {
            // Signals are handled here: the parser's own handling would end the process after two seconds, in the middle of a stop.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (BadArgumentException exception)
        {
            return await RefuseAsync(root, command, [exception.Message]);
        }
        // A bus that is stopped while it starts reports that it could not connect.
        catch (Exception exception) when (stop.Token.IsCancellationRequested && exception is OperationCanceledException or MassTransitException)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return ExitCode.Failure;
        }
        // The last one is thrown if the broker went away while the bus was starting.
        catch (Exception exception) when (exception is BrokerUnreachableException or StoreUnreachableException or ConnectionException)
        {
            await ErrorLine.WriteAsync(exception.Message);
            return ExitCode.Unreachable;
        }
        // The first one is, for example, an address in use.
        catch (Exception exception) when (exception is IOException or WorkerFailedException)
        {
            await ErrorLine.WriteAsync(exception.Message);
            return ExitCode.Failure;
        }
        // What the library, the host or the server refuses: an option of a breaker, a log level, a duplicate key.
        catch (Exception exception)
        {
            await ErrorLine.WriteAsync(ErrorLine.Of(exception));
            return ExitCode.BadArguments;
        }
    }

    static async Task<int> RefuseAsync(RootCommand root, Command command, IEnumerable<string> errors)
    {
        foreach (var error in errors)
            await ErrorLine.WriteAsync(error);
        await Console.Error.WriteLineAsync();
        string[] usage = command == root ? ["--help"] : [command.Name, "--help"];
        await root.Parse(usage).InvokeAsync(new InvocationConfiguration { Output = Console.Error });
        return ExitCode.BadArguments;
    }
}
