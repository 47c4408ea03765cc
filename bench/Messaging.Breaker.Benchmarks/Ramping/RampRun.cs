using Messaging.Breaker.Benchmarks.Growth;
using Messaging.Breaker.Benchmarks.Results;

namespace Messaging.Breaker.Benchmarks.Ramping;

/// <summary>Runs the real ramp, with the breaker's engine, against models of dependencies in simulated time.</summary>
static class RampRun
{
    const int Seeds = 20;

    const long Ms = Simulation.Millisecond;

    static readonly Scenario[] Scenarios =
    [
        new("5 ms, 64 servers", 64, 20_000, s => new FixedServers(s, 64, 5 * Ms)),
        new("50 ms, 64 servers", 64, 10_000, s => new FixedServers(s, 64, 50 * Ms)),
        new("200 ms, 200 servers", 200, 15_000, s => new FixedServers(s, 200, 200 * Ms)),
        new("1 s, 100 servers", 100, 3_000, s => new FixedServers(s, 100, 1_000 * Ms)),
        new("200 ms, 30 servers, prefetch 200", 200, 5_000, s => new FixedServers(s, 30, 200 * Ms)),
        new("1 s, one server, prefetch 32", 32, 200, s => new FixedServers(s, 1, 1_000 * Ms)),
        new("500 a second after 20 ms", 64, 10_000, s => new FixedRate(s, 500, 20 * Ms)),
        new("200 ms, times of all lengths", 200, 15_000, s => new FixedServers(s, 200, 200 * Ms, 0.5)),
        new("200 ms, a busy machine", 200, 15_000, s => new BusyMachine(s, new FixedServers(s, 200, 200 * Ms), 20 * Ms, 300 * Ms)),
        new("5 ms, a busy machine", 64, 20_000, s => new BusyMachine(s, new FixedServers(s, 64, 5 * Ms), 2 * Ms, 50 * Ms)),
        new("cold start of 5 s, 50 ms, 64 servers", 64, 10_000, s => new ColdStart(s, 64, 50 * Ms, 5_000 * Ms)),
        new("turns away the 20th at once, 150 ms", 64, 50_000, s => new TurningAway(s, 19, 150 * Ms), 19),
        new("falls over at 20, slower from 10 on", 200, 10_000, s => new FallingOver(s, 10, 20, 150 * Ms), 19),
        new("falls over at 20, slower from 10 on, a busy machine", 200, 10_000, s => new BusyMachine(s, new FallingOver(s, 10, 20, 150 * Ms), 30 * Ms, 300 * Ms), 19),
        new("falls over at 20, no slower before", 64, 10_000, s => new FallingOver(s, 20, 20, 150 * Ms), 19),
        new("fails one in a hundred, 200 ms", 200, 15_000, s => new Failing(s, 0.01, 200 * Ms)),
        new("fails one in a thousand, 200 ms", 200, 15_000, s => new Failing(s, 0.001, 200 * Ms)),
        new("five instances share 250 servers, 200 ms", 50, 50_000, s => new FixedServers(s, 250, 200 * Ms), 50, 5),
    ];

    public static Task RunAsync() => ResultFile.WriteAsync("ramp.md", Measure());

    static string Measure() => "# The ramp in simulation\n\n" + Table.Write(
        "Draining a backlog",
        $"`dotnet run -c Release --project bench/Messaging.Breaker.Benchmarks -- ramp`: the breaker's own engine and ramp, in a time that is not real. Means of {Seeds} runs. Ideal: a worker that calls as many at once as it may hold from the start, or one fewer than the dependency falls over at. Failures, trips and peak are those of the whole drain.",
        ["", "ideal, s", "s", "ratio", "failures", "trips", "highest peak"],
        [.. Scenarios.Select(Row)]);

    static string[] Row(Scenario scenario)
    {
        var ideal = Enumerable.Range(1, Seeds).Select(seed => Drain(scenario, seed, false)).ToList();
        var ours = Enumerable.Range(1, Seeds).Select(seed => Drain(scenario, seed, true)).ToList();
        var (idealSeconds, seconds) = (ideal.Average(run => run.Seconds), ours.Average(run => run.Seconds));
        return
        [
            scenario.Name,
            Table.Number(idealSeconds, 1),
            Table.Number(seconds, 1),
            Table.Number(seconds / idealSeconds, 2),
            Table.Number(ours.Average(run => run.Failures), 1),
            Table.Number(ours.Average(run => run.Trips), 2),
            Table.Number(ours.Max(run => run.Peak), 0),
        ];
    }

    static Result Drain(Scenario scenario, int seed, bool isGuarded)
    {
        var simulation = new Simulation(seed);
        var backlog = new Backlog(scenario.Messages);
        var dependency = scenario.Dependency(simulation);
        var workers = Enumerable.Range(0, scenario.Instances).Select(_ => new SimulatedWorker(
            simulation, backlog, dependency, isGuarded ? scenario.Prefetch : scenario.Ideal ?? scenario.Prefetch, scenario.Instances, isGuarded)).ToList();
        workers.ForEach(worker => worker.Pump());
        while (!backlog.IsEmpty && simulation.Step(3_600 * Simulation.Second))
        {
        }

        return new Result(simulation.Now / (double)Simulation.Second, dependency.Failures, dependency.Peak, workers.Sum(worker => worker.Trips));
    }

    sealed record Scenario(
        string Name, int Prefetch, int Messages, Func<Simulation, Dependency> Dependency, int? Ideal = null, int Instances = 1);

    readonly record struct Result(double Seconds, int Failures, int Peak, int Trips);
}
