using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Cli.Sources;

namespace Messaging.Breaker.Cli.Commands;

/// <summary>An operator's actions on breakers and endpoints.</summary>
static class SteeringCommands
{
    public static IEnumerable<Command> Build(Binding binding) =>
    [
        OfBreakers(binding, "trip", "Open breakers now, as their own rules would: the break ends by itself, and probing follows", "The minimum length of the break"),
        OfBreakers(binding, "isolate", "Hold breakers open until they are released", "The maximum length; until released by default"),
        OfBreakers(binding, "release", "End an isolation: probing begins", null),
        OfBreakers(binding, "reset", "Close breakers without probing", null),
        OfBreakers(binding, "enforce", "Make breakers refuse messages and pause endpoints again: ends shadow and disable", null),
        OfBreakers(binding, "shadow", "Make breakers count and report, but refuse and pause nothing", null),
        OfBreakers(binding, "disable", "Make breakers let everything through and count nothing", null),
        OfEndpoints(binding, "pause", "Hold endpoints, whatever their breakers do", "The maximum length; until resumed by default", isReasonRequired: true),
        OfEndpoints(binding, "resume", "End the hold of endpoints", null, isReasonRequired: false),
    ];

    static Command OfBreakers(Binding binding, string action, string description, string? length)
    {
        var names = binding.Breakers(ArgumentArity.ZeroOrMore);
        var unlisted = new Option<bool>("--unlisted") { Description = "Accept the name although the store does not know it yet" };
        var key = new Option<string?>("--key") { Description = "Only this key of a breaker that is split, not the whole breaker", HelpName = "KEY" };
        var command = new Command(action, description) { names, unlisted };
        if (action is "trip" or "isolate" or "release" or "reset")
            command.Options.Add(key);
        Add(binding, command, names, isOfEndpoint: false, length, isReasonRequired: true, (call, order) => order with { Key = call.Get(key), IsUnlisted = call.Get(unlisted) }, view => view.Breakers.Select(breaker => breaker.Name));
        return command;
    }

    static Command OfEndpoints(Binding binding, string action, string description, string? length, bool isReasonRequired)
    {
        var names = binding.Endpoints(ArgumentArity.ZeroOrMore);
        var here = new Option<bool>("--this-instance") { Description = "Only on the page's worker, not on the fleet" };
        var unlisted = new Option<bool>("--unlisted") { Description = "Accept the name although no instance reports such an endpoint to the store" };
        var command = new Command(action, description) { names, here, unlisted };
        Add(binding, command, names, isOfEndpoint: true, length, isReasonRequired, (call, order) => order with { ThisInstanceOnly = call.Get(here), IsUnlisted = call.Get(unlisted) }, view => view.Endpoints?.Select(endpoint => endpoint.Name));
        return command;
    }

    static void Add(
        Binding binding,
        Command command,
        Argument<string[]> names,
        bool isOfEndpoint,
        string? length,
        bool isReasonRequired,
        Func<Call, SteeringOrder, SteeringOrder> complete,
        Func<FleetView, IEnumerable<string>?> all)
    {
        var reason = Options.Reason(isReasonRequired);
        var lasts = length is null ? null : Options.Length("--for", length);
        var everything = new Option<bool>("--all") { Description = $"All {(isOfEndpoint ? "endpoints" : "breakers")}" };
        var yes = Options.Yes();
        command.Options.Add(reason);
        if (lasts is not null)
            command.Options.Add(lasts);
        command.Options.Add(everything);
        command.Options.Add(yes);
        binding.To(command, async (call, cancellationToken) =>
        {
            var wanted = call.Get(names)!;
            if (call.Get(everything) == wanted.Length > 0)
                throw new CommandException(ExitCode.Usage, $"{command.Name} needs names or --all, but not both.");
            if (call.Get(everything))
                wanted = await AllAsync(call, command.Name, isOfEndpoint, all, call.Get(yes), cancellationToken);
            var (why, longest) = (call.Get(reason)?.Trim() ?? "", lasts is null ? null : call.Get(lasts));
            if (why.Length == 0 && isReasonRequired)
                throw new CommandException(ExitCode.Usage, "--reason is blank: say why, for the next operator on call.");
            var orders = wanted.Select(name => complete(call, new SteeringOrder(isOfEndpoint, command.Name, name, why, longest, IsUnlisted: false))).ToList();
            if (orders.Count > 1)
                await CheckAsync(call, orders, all, cancellationToken);
            await RunAsync(call, orders, cancellationToken);
        });
    }

    /// <summary>Checks all names first: a typing error in the last one must not be found after the first action is done.</summary>
    static async Task CheckAsync(Call call, List<SteeringOrder> orders, Func<FleetView, IEnumerable<string>?> all, CancellationToken cancellationToken)
    {
        var view = await call.Source.ReadAsync(cancellationToken);
        var isKnown = view.Source == "page" || !orders[0].IsOfEndpoint; // A store may not know the endpoints.
        foreach (var order in orders.Where(order => isKnown && !order.IsUnlisted))
            Names.Find(order.IsOfEndpoint ? "endpoint" : "breaker", order.Name, [.. all(view) ?? []]);
    }

    /// <summary>Prints what was done even if a later action fails.</summary>
    static async Task RunAsync(Call call, List<SteeringOrder> orders, CancellationToken cancellationToken)
    {
        var done = new JsonArray();
        try
        {
            foreach (var order in orders)
            {
                var result = await call.Source.SteerAsync(order, cancellationToken);
                done.Add(new JsonObject { ["name"] = order.Name, ["action"] = order.Action, ["result"] = result });
                if (!call.IsJson)
                    call.Printer.PrintLine(result);
            }
        }
        finally
        {
            if (call.IsJson && done.Count > 0)
                call.Printer.PrintJson(new JsonObject { ["done"] = done });
        }
    }

    static async Task<string[]> AllAsync(
        Call call, string action, bool isOfEndpoint, Func<FleetView, IEnumerable<string>?> all, bool isConfirmed, CancellationToken cancellationToken)
    {
        string[] wanted = [.. all(await call.Source.ReadAsync(cancellationToken))
            ?? throw new CommandException(ExitCode.CannotTell, $"{call.Source.Address} does not list the endpoints.", "Name them, or ask a worker's page (--page).")];
        var what = string.Create(CultureInfo.InvariantCulture, $"{(wanted.Length == 1 ? "the one" : $"all {wanted.Length}")} {(isOfEndpoint ? "endpoint" : "breaker")}{(wanted.Length == 1 ? "" : "s")}");
        if (wanted.Length > 0)
            call.Confirm($"{char.ToUpperInvariant(action[0])}{action[1..]} {what} ({Words.Legible(string.Join(", ", wanted))})?", isConfirmed);
        return wanted;
    }
}
