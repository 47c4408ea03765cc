using BenchmarkDotNet.Attributes;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>
/// The engine alone, without a clock, pipe or message: a permit and its record in Closed, and a refusal in Open. Each thread does
/// <see cref="Operations"/>, so a figure is a thread's time per operation.
/// </summary>
public class EngineBenchmarks
{
    const int Operations = 200_000;

    BreakerEngine[] _engines = [];
    Crew? _crew;

    [Params(1, 2, 8)]
    public int Threads { get; set; }

    [Params(1, 10, 100)]
    public int Breakers { get; set; }

    [GlobalSetup(Target = nameof(PermitAndRecord))]
    public void SetUpClosed()
    {
        _engines = [.. Enumerable.Range(0, Breakers).Select(_ => NewEngine())];
        _crew = new Crew(Threads, CallAll);
    }

    [GlobalSetup(Target = nameof(Refusal))]
    public void SetUpOpen()
    {
        SetUpClosed();
        foreach (var engine in _engines)
            engine.Trip("benchmark", 0, 0);
        _crew!.Dispose();
        _crew = new Crew(Threads, AskAll);
    }

    [GlobalCleanup]
    public void CleanUp() => _crew?.Dispose();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void PermitAndRecord() => _crew!.Run();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Refusal() => _crew!.Run();

    static BreakerEngine NewEngine() =>
        new(new BreakerOptions().ToSettings(TimeProvider.System.TimestampFrequency), BreakerMode.Enforcing, 0, new Random(1), _ => { });

    void CallAll(int thread)
    {
        var engines = _engines;
        for (int i = 0, next = 0; i < Operations; i++)
        {
            var engine = engines[next];
            next = next + 1 < engines.Length ? next + 1 : 0;
            engine.Record(engine.TryAcquire(i), Outcome.Success, 1, i);
        }
    }

    void AskAll(int thread)
    {
        var engines = _engines;
        for (int i = 0, next = 0; i < Operations; i++)
        {
            if (engines[next].TryAcquire(0).IsGranted)
                throw new InvalidOperationException("The breaker is open and must refuse.");
            next = next + 1 < engines.Length ? next + 1 : 0;
        }
    }
}
