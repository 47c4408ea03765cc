using System.CommandLine;
using SampleWorkers.Roles;

namespace SampleWorkers.CommandLine;

static class DeadLetterArguments
{
    static readonly Uri UsualPage = new("http://127.0.0.1:5170/breakers");

    static readonly ValueRule<string?> Text = new("up to 200 characters", text => text.Trim() is { Length: > 0 and <= 200 } trimmed ? trimmed : throw new FormatException());

    public static Command BuildErrors(OptionFactory options)
    {
        var page = Page(options);
        var command = new Command("errors", "Shows the messages in a worker's _error and _skipped queues, in groups.") { page };
        command.SetAction((result, stop) => DeadLettersRole.ShowErrorsAsync(result.GetValue(page)!, stop));
        return command;
    }

    public static Command BuildRedrive(OptionFactory options)
    {
        var page = Page(options);
        var queue = options.Create("--queue", "The queue of dead letters", Text, null);
        var group = options.Create("--group", "The key of a group, as shown by errors; all messages by default", Text, null);
        var reason = options.Create("--reason", "Why, for the next operator on call", Text, null);
        var command = new Command("redrive", "Moves dead letters back to the queue they came from, while its breakers are closed.") { page, queue, group, reason };
        command.SetAction((result, stop) =>
        {
            BadArgumentException.Require(result.GetValue(queue) is not null, page, "--queue");
            BadArgumentException.Require(result.GetValue(reason) is not null, queue, "--reason");
            return DeadLettersRole.RedriveAsync(result.GetValue(page)!, result.GetValue(queue)!, result.GetValue(group), result.GetValue(reason)!, stop);
        });
        return command;
    }

    static Option<Uri?> Page(OptionFactory options) => options.Create("--page", "The worker's dashboard page", ValueRules.HttpAddress, UsualPage);
}
