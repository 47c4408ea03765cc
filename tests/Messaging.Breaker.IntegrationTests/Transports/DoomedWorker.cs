using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>When a process is killed.</summary>
public enum DoomedMoment
{
    /// <summary>Closed, with handlers at work.</summary>
    Handling,

    /// <summary>Open and paused.</summary>
    Open,

    /// <summary>Half-open, with probes at work.</summary>
    Probing,

    /// <summary>In the midst of pauses, returns and probes, many in a second.</summary>
    Reopening,
}

/// <summary>What the doomed process does: it comes to the moment, says so, and waits for its end. It handles nothing.</summary>
static class DoomedWorker
{
    public const string Command = "doomed";
    public const string Reached = "reached";

    public static async Task RunAsync(string[] arguments)
    {
        Action<IBusRegistrationConfigurator, string, ContractEndpoint> use = arguments[0] switch
        {
            RabbitMqContract.Name => (bus, name, wanted) => RabbitMqContract.Use(bus, new Uri(arguments[1]), arguments[2], name, wanted),
            _ => throw new ArgumentException($"Unknown transport '{arguments[0]}'.", nameof(arguments)),
        };
        var (queue, moment) = (arguments[^2], Enum.Parse<DoomedMoment>(arguments[^1]));
        var breakDuration = moment switch
        {
            DoomedMoment.Open => TimeSpan.FromMinutes(10),
            DoomedMoment.Reopening => TimeSpan.FromMilliseconds(20),
            _ => TimeSpan.FromMilliseconds(300),
        };
        var endpoint = new ContractEndpoint(Breaker: options => options.BreakDuration = options.MaxBreakDuration = breakDuration);
        await using var worker = await ContractWorker.StartAsync(
            queue,
            endpoint,
            bus => use(bus, queue, endpoint),
            dependency =>
            {
                if (moment == DoomedMoment.Handling)
                    dependency.Stall();
                else
                    dependency.IsDown = true;
            });
        await ReachAsync(worker, moment);
        Console.WriteLine(Reached);
        // With the tests ends their pipe, and the process does not outlive them.
        await Console.In.ReadToEndAsync();
    }

    static async Task ReachAsync(ContractWorker worker, DoomedMoment moment)
    {
        switch (moment)
        {
            case DoomedMoment.Handling:
                await Eventually.Is(() => worker.Dependency.Stalled, stalled => stalled == 16, "handlers at work");
                break;
            case DoomedMoment.Open:
                await Eventually.Is(() => worker.State, state => state == EndpointState.Paused, "the endpoint to be paused");
                break;
            case DoomedMoment.Probing:
                await worker.UntilAsync(BreakerState.Open);
                worker.Dependency.Stall();
                worker.Dependency.IsDown = false;
                await Eventually.Is(() => worker.Dependency.Stalled, stalled => stalled == 3, "probes at work");
                break;
            default:
                await worker.UntilReopenedAsync(5);
                break;
        }
    }
}
