using System.CommandLine;
using System.Text.Json.Nodes;
using Messaging.Breaker.Cli.Commands;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>Runs a command line and returns its exit code.</summary>
static class Runner
{
    public static async Task<int> RunAsync(string[] args, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var secrets = new Secrets();
        var root = BreakersCommand.Build(surroundings, secrets);
        var parsed = root.Parse(args);
        var isJson = args.Contains("--json", StringComparer.Ordinal);
        try
        {
            if (parsed.Errors.Count > 0)
            {
                var command = string.Join(' ', parsed.CommandResult.Command.Parents.OfType<Command>().Take(1).Append(parsed.CommandResult.Command).Select(each => each.Name).Distinct());
                throw new CommandException(ExitCode.Usage, string.Join(' ', parsed.Errors.Select(error => error.Message)), $"See {command} --help.");
            }

            // The caller handles signals: the parser's own handling would end the process in the middle of a live view.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = surroundings.Out, Error = surroundings.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                cancellationToken);
        }
        catch (CommandException exception)
        {
            return Say(exception.ExitCode, exception.Message, exception.Advice);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        // The reader of the pipe, such as "head", has enough.
        catch (IOException exception) when (exception.HResult == BrokenPipe || exception.InnerException?.HResult == BrokenPipe)
        {
            return ExitCode.Done;
        }
        catch (Exception exception)
        {
            return Say(ExitCode.Failed, $"{exception.GetType().Name}: {exception.Message}", "This is a bug in this program: please report it.");
        }

        int Say(int code, string message, string? advice)
        {
            (message, advice) = (secrets.Hide(OneLine(message)), advice is null ? null : secrets.Hide(OneLine(advice)));
            if (isJson)
            {
                var error = new JsonObject { ["code"] = ExitCode.NameOf(code), ["exitCode"] = code, ["message"] = message, ["advice"] = advice };
                surroundings.Error.WriteLine(new JsonObject { ["error"] = error }.ToJsonString(CliFormat.Printed.Options));
                return code;
            }

            surroundings.Error.WriteLine($"breakers: {message}");
            if (advice is not null)
                surroundings.Error.WriteLine($"  {advice}");
            return code;
        }
    }

    /// <summary>EPIPE.</summary>
    const int BrokenPipe = 32;

    static string OneLine(string text) => Words.Legible(string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
}
