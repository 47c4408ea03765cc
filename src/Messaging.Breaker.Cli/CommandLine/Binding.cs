using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>Binds commands to their actions.</summary>
sealed class Binding(CommonOptions options, Surroundings surroundings, Secrets secrets)
{
    /// <summary>The longest that a user who pressed the tab key waits.</summary>
    static readonly TimeSpan LongestCompletion = TimeSpan.FromSeconds(2);

    public void To(Command command, Func<Call, CancellationToken, Task> act) => To(command, async (call, cancellationToken) =>
    {
        await act(call, cancellationToken);
        return ExitCode.Done;
    });

    public void To(Command command, Func<Call, CancellationToken, Task<int>> act) => command.SetAction(async (parsed, cancellationToken) =>
    {
        await using var call = new Call(parsed, options, surroundings, secrets);
        return await act(call, cancellationToken);
    });

    /// <summary>Completes names by asking the source that the line or the environment names; completes nothing if that fails.</summary>
    public Func<CompletionContext, IEnumerable<CompletionItem>> Complete(Func<ISource, CancellationToken, Task<IEnumerable<string>>> read) => context =>
    {
        try
        {
            using var limit = new CancellationTokenSource(LongestCompletion, surroundings.Time);
            return Task.Run(
                async () =>
                {
                    await using var call = new Call(context.ParseResult, options, surroundings, secrets);
                    return (await read(call.Source, limit.Token)).Select(name => new CompletionItem(name)).ToList();
                },
                limit.Token).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is CommandException or OperationCanceledException)
        {
            return [];
        }
    };

    public Argument<string[]> Breakers(ArgumentArity arity)
    {
        var names = new Argument<string[]>("BREAKER") { Description = "The breakers' names", Arity = arity };
        names.Validators.Add(RefuseOptions);
        names.CompletionSources.Add(Complete(async (source, token) => (await source.ReadAsync(token)).Breakers.Select(breaker => breaker.Name)));
        return names;
    }

    public Argument<string[]> Endpoints(ArgumentArity arity)
    {
        var names = new Argument<string[]>("ENDPOINT") { Description = "The endpoints' names, which are the names of their queues", Arity = arity };
        names.Validators.Add(RefuseOptions);
        names.CompletionSources.Add(Complete(async (source, token) => (await source.ReadAsync(token)).Endpoints?.Select(endpoint => endpoint.Name) ?? []));
        return names;
    }

    public Argument<string?> Queue(ArgumentArity arity)
    {
        var queue = new Argument<string?>("QUEUE") { Description = "A queue of dead letters, such as orders_error", Arity = arity };
        queue.Validators.Add(RefuseOptions);
        queue.CompletionSources.Add(Complete(async (source, token) => (await source.ReadDeadLettersAsync(token)).Queues?.Select(each => each.Name) ?? []));
        return queue;
    }

    /// <summary>The parser takes an unknown option for a name. A typing error in an option must not affect more than was meant.</summary>
    static void RefuseOptions(ArgumentResult names)
    {
        foreach (var token in names.Tokens)
            if (token.Value.StartsWith('-'))
                names.AddError($"Unknown option '{token.Value}'.");
    }
}
