using System.Text.Json;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;

namespace Messaging.Breaker.Cli.Tests.Support;

/// <summary>Runs the command in this process, as if in a pipe or in a terminal of 80 columns.</summary>
sealed class Cli
{
    readonly Dictionary<string, string> _environment = [];

    public bool IsTerminal { get; init; }

    /// <summary>The answer typed to a question; null if nobody is there.</summary>
    public string? Answer { get; init; }

    public Cli With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public Task<Result> RunAsync(params string[] args) => RunAsync(args, TestContext.Current.CancellationToken);

    public async Task<Result> RunAsync(string[] args, CancellationToken cancellationToken, Written? output = null)
    {
        output ??= new Written();
        using var error = new Written();
        var surroundings = new Surroundings(
            output, error, new StringReader(Answer ?? ""), IsTerminal, Answer is not null, 80, 24, _environment.GetValueOrDefault, new Berlin());
        var code = await Runner.RunAsync(args, surroundings, cancellationToken);
        return new Result(code, output.Text, error.Text);
    }

    /// <summary>The current time in a zone other than UTC.</summary>
    public sealed class Berlin : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(1), "test", "test");
    }

    /// <summary>What was printed so far, by any thread.</summary>
    public sealed class Written : StringWriter
    {
        readonly Lock _lock = new();

        public string Text
        {
            get
            {
                lock (_lock)
                    return ToString();
            }
        }

        public override void Write(char value)
        {
            lock (_lock)
                base.Write(value);
        }

        public override void Write(string? value)
        {
            lock (_lock)
                base.Write(value);
        }

        public override void WriteLine(string? value)
        {
            lock (_lock)
                base.WriteLine(value);
        }
    }
}

sealed record Result(int Code, string Out, string Error)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Out);

    public override string ToString() => $"{Code}: {Out}{Error}";

    /// <summary>The names of an object's members, in order.</summary>
    public static string MembersOf(JsonElement json) => string.Join(' ', json.EnumerateObject().Select(member => member.Name));
}
