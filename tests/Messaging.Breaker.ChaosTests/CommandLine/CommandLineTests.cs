using Microsoft.Extensions.Configuration;
using SampleWorkers.CommandLine;

namespace Messaging.Breaker.ChaosTests.CommandLine;

/// <summary>Wrong command lines for the sample, drawn at random from lists.</summary>
[CollectionDefinition(nameof(CommandLineTests), DisableParallelization = true)]
[Collection(nameof(CommandLineTests))]
public sealed class CommandLineTests
{
    const string Marked = "m4rked-pa55word";

    static readonly Dictionary<string, string[]> Options = new()
    {
        ["drill"] =
        [
            "--transport", "--broker", "--management", "--queue-type", "--delivery-limit", "--instances", "--share", "--regions", "--messages", "--rate", "--outage", "--failure",
            "--poison", "--break", "--prefetch", "--page",
        ],
        ["worker"] =
        [
            "--broker", "--payments", "--second-payments", "--payments-timeout", "--mail", "--queue-type", "--delivery-limit", "--queue-prefix", "--prefetch", "--settings", "--share",
            "--report", "--urls",
        ],
        ["payments"] = ["--urls"],
        ["producer"] = ["--broker", "--rate", "--messages"],
    };

    static readonly string[] BadValues =
    [
        "", " ", "-1", "NaN", "1e999", "99999999999999999999", "nonsense", "\u202E", "two\nlines", $"ftp://u:{Marked}@host/", $"http:u:{Marked}@host", $"u:{Marked}@host",
        $"amqp://u:{Marked}@/", $"ftp://u:{Marked} x@host/", $"redis://u:{Marked}@", "/no/such/file.json",
    ];

    [Fact]
    public async Task Three_hundred_wrong_command_lines_end_in_an_explanation_and_not_in_a_stack_trace()
    {
        var random = new Random(16);
        for (var line = 0; line < 300; line++)
        {
            var command = Options.Keys.ElementAt(random.Next(Options.Count));
            var option = Options[command][random.Next(Options[command].Length)];
            // Nearly any text is a valid prefix.
            var values = option == "--queue-prefix" ? ["", " ", "\u202E", "two\nlines"] : BadValues;
            string[] args = random.Next(5) == 0
                ? [command, $"--{option[2..]}x", $"http://u:{Marked}@host/"]
                : [command, option, values[random.Next(values.Length)]];
            var (code, error) = await RunAsync(args, []);

            Assert.True(code == ExitCode.BadArguments, $"{string.Join(' ', args)}: {code}, {error}");
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.DoesNotContain(Marked, error, StringComparison.Ordinal);
            Assert.NotEmpty(error.Split('\n')[0].Trim());
        }
    }

    [Theory]
    [InlineData("worker", "--broker")]
    [InlineData("worker", "--payments")]
    [InlineData("worker", "--second-payments")]
    [InlineData("worker", "--mail")]
    [InlineData("worker", "--report")]
    [InlineData("worker", "--share")]
    [InlineData("worker", "--urls")]
    [InlineData("payments", "--urls")]
    [InlineData("drill", "--management")]
    [InlineData("drill", "--page")]
    public async Task A_wrong_address_is_not_repeated(string command, string option)
    {
        var (code, terminal) = await RunAsync([command, option, $"ftp://u:'{Marked} \"x@host/"], []);
        Assert.Equal(ExitCode.BadArguments, code);
        Assert.DoesNotContain(Marked, terminal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://u:p@127.0.0.1:0")]
    [InlineData("http://somewhere.example:80")]
    [InlineData("https://127.0.0.1:0")]
    [InlineData("http://127.0.0.1:0/path")]
    public async Task A_server_refuses_an_address_where_it_cannot_listen(string urls) =>
        Assert.Equal(ExitCode.BadArguments, (await RunAsync(["payments", "--urls", urls], [])).Code);

    [Theory]
    [InlineData("errors")]
    [InlineData("redrive", "--queue", "orders_error", "--reason", "fixed")]
    public async Task A_missing_page_is_named_with_a_hint_what_to_do(params string[] command)
    {
        var (code, terminal) = await RunAsync([.. command, "--page", "http://127.0.0.1:9/breakers"], []);
        Assert.Equal(ExitCode.Unreachable, code);
        Assert.StartsWith("There is no page at http://127.0.0.1:9/breakers: ", terminal, StringComparison.Ordinal);
        Assert.Contains("--page", Assert.Single(terminal.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_while_commands_are_built_or_run_is_printed_as_one_line()
    {
        foreach (var exception in new Exception[]
        {
            new InvalidOperationException($"two\nlines about http://u:{Marked}@host/"),
            new AggregateException(new FormatException("two\nlines")),
            new InvalidDataException("two\nlines"),
        })
        {
            var (code, error) = await CaptureAsync(() => CommandLineRunner.RunAsync(
                () => exception is InvalidDataException ? throw exception : Throwing(exception), ["fail"]));
            Assert.Equal(ExitCode.BadArguments, code);
            Assert.Single(error.TrimEnd().Split('\n'));
            Assert.StartsWith("two lines", error, StringComparison.Ordinal);
            Assert.DoesNotContain(Marked, error, StringComparison.Ordinal);
        }
    }

    static System.CommandLine.RootCommand Throwing(Exception exception)
    {
        var fail = new System.CommandLine.Command("fail");
        fail.SetAction((_, _) => Task.FromException<int>(exception));
        return [fail];
    }

    internal static Task<(int Code, string Terminal)> RunAsync(string[] args, Dictionary<string, string?> settings) => CaptureAsync(
        () => CommandLineRunner.RunAsync(() => SampleCommands.Build(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()), args));

    static async Task<(int Code, string Terminal)> CaptureAsync(Func<Task<int>> run)
    {
        var (output, error, terminal) = (Console.Out, Console.Error, new StringWriter());
        Console.SetOut(terminal);
        Console.SetError(terminal);
        try
        {
            return (await run(), terminal.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
