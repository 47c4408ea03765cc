using System.CommandLine;
using System.CommandLine.Parsing;

namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>Creates options whose values have a special form.</summary>
static class Options
{
    public static Option<TimeSpan?> Length(string name, string description) => new(name)
    {
        Description = $"{description}: {Durations.Form}",
        HelpName = "LENGTH",
        CustomParser = result => Durations.TryParse(result.Tokens[0].Value, out var length) ? length : Refuse<TimeSpan?>(result, name, Durations.Form),
    };

    public static Option<DateTimeOffset?> Moment(string name, string description, TimeProvider time) => new(name)
    {
        Description = $"{description}: {Durations.MomentForm}",
        HelpName = "TIME",
        CustomParser = result => Durations.TryParseMoment(result.Tokens[0].Value, time, out var moment) ? moment : Refuse<DateTimeOffset?>(result, name, Durations.MomentForm),
    };

    public static Option<string> Reason(bool isRequired) => new("--reason", "-r")
    {
        Description = "Why, for the next operator on call: one line, without secrets",
        HelpName = "TEXT",
        Required = isRequired,
    };

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask for confirmation" };

    static T? Refuse<T>(ArgumentResult result, string name, string form)
    {
        result.AddError($"{name} must be {form}, not '{result.Tokens[0].Value}'.");
        return default;
    }
}
