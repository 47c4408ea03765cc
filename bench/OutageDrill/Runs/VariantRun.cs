using OutageDrill.Broker;
using OutageDrill.Dependency;
using OutageDrill.Scenarios;
using OutageDrill.Variants;
using OutageDrill.Workers;

namespace OutageDrill.Runs;

/// <summary>Runs one variant through one scenario, with workers, a dependency and queues of its own.</summary>
sealed class VariantRun(Uri broker, Scenario scenario, IVariant variant, int round, string logs)
{
    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    const int WarmUpMessages = 500;

    /// <summary>If nothing happens for this long with an empty queue, the missing messages are lost.</summary>
    const double Silence = 5;

    /// <summary>Longer than every pause of the drill. What is still queued after that stays there.</summary>
    const double Patience = 45;

    readonly string _queue = $"drill-{variant.Id}-{Guid.NewGuid():N}"[..^24];
    readonly DrillClock _clock = new();

    public async Task<RunResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await DrillConnection.OpenAsync(broker, cancellationToken);
        await using var reader = new QueueReader(connection);
        var deadLetterQueues = variant.DeadLetterQueues(_queue);
        await using var dependency = new DependencyServer(_clock, scenario.Timeline);
        var sampler = new Sampler(reader, _clock, _queue, deadLetterQueues);
        var workers = StartWorkers(dependency.Port);
        try
        {
            Expense expense;
            try
            {
                var publisher = new Publisher(connection, _queue);
                await WaitForWorkersAsync(dependency, workers, cancellationToken);
                await WarmUpAsync(publisher, dependency, cancellationToken);
                var before = Measure(workers);
                await RunCourseAsync(publisher, dependency, sampler, cancellationToken);
                expense = Measure(workers) - before;
            }
            finally
            {
                dependency.StopWorkers();
                foreach (var worker in workers)
                    await worker.DisposeAsync();
            }

            var deadLettered = new List<int>();
            foreach (var queue in deadLetterQueues)
                deadLettered.AddRange(await reader.TakeOrdersAsync(queue, cancellationToken));
            var evidence = new Evidence(scenario, dependency.Calls, deadLettered, await reader.TakeOrdersAsync(_queue, cancellationToken));
            return Conclude(evidence, sampler.Samples, expense);
        }
        finally
        {
            foreach (var queue in (string[])[_queue, .. deadLetterQueues, .. variant.FleetQueues(_queue)])
                await reader.DeleteAsync(queue, CancellationToken.None);
        }
    }

    static Expense Measure(List<VariantProcess> workers) => workers.Aggregate(default(Expense), (sum, worker) => sum + worker.Expense);

    List<VariantProcess> StartWorkers(int port)
    {
        var settings = new VariantSettings(
            variant.Id, broker, _queue, Scenario.Prefetch / variant.Instances, port, HasSlowRule: scenario.Id == "slow");
        return [.. Enumerable.Range(1, variant.Instances).Select(instance =>
            VariantProcess.Start(settings, Path.Combine(logs, $"{scenario.Id}-{variant.Id}-{round}-{instance}.log")))];
    }

    async Task WaitForWorkersAsync(DependencyServer dependency, List<VariantProcess> workers, CancellationToken cancellationToken)
    {
        var crash = Task.WhenAny(workers.Select(worker => worker.Exited));
        foreach (var _ in workers)
        {
            var ready = dependency.WaitForWorkerAsync(cancellationToken);
            if (await Task.WhenAny(ready, crash).WaitAsync(StartTimeout, cancellationToken) == crash)
                throw new DrillImpossibleException($"The worker '{variant.Id}' did not start; its log is in {logs}");
        }
    }

    static async Task WarmUpAsync(Publisher publisher, DependencyServer dependency, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(StartTimeout);
        await publisher.WarmUpAsync(WarmUpMessages, patience.Token);
        while (dependency.WarmUpCalls < WarmUpMessages)
            await Task.Delay(10, patience.Token);
    }

    async Task RunCourseAsync(Publisher publisher, DependencyServer dependency, Sampler sampler, CancellationToken cancellationToken)
    {
        _clock.Start();
        var publishing = publisher.PublishAsync(scenario, _clock, cancellationToken);
        var (lastChange, lastState) = (0.0, (Calls: 0, Sample: default(Sample)));
        while (true)
        {
            await sampler.SampleAsync(cancellationToken);
            if (!publishing.IsCompleted)
                continue;
            await publishing;

            var state = (dependency.Calls.Count, sampler.Last with { Time = 0 });
            if (state != lastState)
                (lastChange, lastState) = (_clock.Now, state);
            var isAccountedFor = Handled(dependency) + sampler.Last.DeadLettered >= scenario.Messages;
            if (isAccountedFor && _clock.Now > scenario.Timeline.Recovery)
                return;
            if (sampler.Last.Depth is 0 && _clock.Now - lastChange > Silence)
                return;
            if (_clock.Now > Math.Max(scenario.Timeline.Recovery, scenario.Messages / scenario.Rate) + Patience)
                return;
        }
    }

    static int Handled(DependencyServer dependency) =>
        dependency.Calls.Where(call => call.Succeeded).Select(call => call.Order).Distinct().Count();

    RunResult Conclude(Evidence evidence, IReadOnlyList<Sample> samples, Expense expense)
    {
        var backlog = evidence.BacklogAtRecovery(samples);
        var hadBacklog = backlog > Scenario.Prefetch;
        return new RunResult
        {
            Scenario = scenario.Id,
            Variant = variant.Id,
            Round = round,
            Published = scenario.Messages,
            DeadLettered = evidence.DeadLettered,
            StillQueued = evidence.StillQueued,
            Lost = evidence.Lost,
            Duplicates = evidence.Duplicates,
            TroubledCalls = evidence.TroubledCalls,
            CallsAfterResume = evidence.CallsAfterResume,
            FirstSuccess = evidence.FirstSuccess,
            Drained = hadBacklog ? evidence.FindDrained(samples) : null,
            Backlog = hadBacklog ? backlog : null,
            Expense = expense,
            Samples = samples,
        };
    }
}
