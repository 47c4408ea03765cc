using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.Commands;

static class ExportCommand
{
    public static Command Build(Binding binding)
    {
        var file = new Option<string?>("--output", "-o") { Description = "The file to write; standard output by default", HelpName = "FILE" };
        var force = new Option<bool>("--force") { Description = "Replace the file if it exists" };
        var command = new Command("export", "Write everything known, as JSON: state, history, dead letters, ledger") { file, force };
        binding.To(command, async (call, cancellationToken) =>
        {
            var export = new JsonObject { ["exportedAt"] = call.Time.GetUtcNow(), ["address"] = call.Source.Address };
            foreach (var (name, part) in (await call.Source.ExportAsync(cancellationToken)).ToList())
                export[name] = part?.DeepClone();
            if (call.Get(file) is not { } path)
            {
                call.Printer.PrintJson(export);
                return;
            }

            try
            {
                await using var stream = new FileStream(path, call.Get(force) ? FileMode.Create : FileMode.CreateNew);
                await JsonSerializer.SerializeAsync(stream, export, CliFormat.Indented, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(ExitCode.Failed, $"The file was not written: {exception.Message}", File.Exists(path) ? "Use --force to replace it." : null);
            }

            call.Note($"Written to {path}.");
        });
        return command;
    }
}
