using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>The moment at which a process is killed.</summary>
public enum DoomedMoment
{
    /// <summary>Closed, with running handlers.</summary>
    Handling,

    /// <summary>Open and paused.</summary>
    Open,

    /// <summary>Half-open, with running probes.</summary>
    Probing,

    /// <summary>Amid pauses, returns and probes, many per second.</summary>
    Reopening,
}

/// <summary>The code of the process to be killed. It reaches the moment, says so and waits for its end. It handles nothing.</summary>
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
        // When the tests end, their pipe closes, so this process does not outlive them.
        await Console.In.ReadToEndAsync();
    }

    static async Task ReachAsync(ContractWorker worker, DoomedMoment moment)
    {
        switch (moment)
        {
            case DoomedMoment.Handling:
                await Eventually.Is(() => worker.Dependency.Stalled, stalled => stalled == 16, "the handlers to run");
                break;
            case DoomedMoment.Open:
                await Eventually.Is(() => worker.State, state => state == EndpointState.Paused, "the endpoint to be paused");
                break;
            case DoomedMoment.Probing:
                await worker.UntilAsync(BreakerState.Open);
                worker.Dependency.Stall();
                worker.Dependency.IsDown = false;
                await Eventually.Is(() => worker.Dependency.Stalled, stalled => stalled == 3, "the probes to run");
                break;
            default:
                await worker.UntilReopenedAsync(5);
                break;
        }
    }
}
