using System.Globalization;
using Messaging.Breaker.ChaosTests.Cluster;
using Messaging.Breaker.ChaosTests.Results;
using Messaging.Breaker.ChaosTests.Schedules;
using Messaging.Breaker.ChaosTests.Stores;

[assembly: AssemblyFixture(typeof(ChaosReport))]

namespace Messaging.Breaker.ChaosTests.Results;

/// <summary>Writes a line when a schedule ends, and the totals at the end of the run.</summary>
public sealed class ChaosReport : IDisposable
{
    readonly Lock _lock = new();
    readonly string _file = Path.Combine(ChaosSettings.Results, "report.txt");
    readonly List<ScheduleResult> _results = [];
    int _unfinished;

    public ChaosReport()
    {
        Directory.CreateDirectory(ChaosSettings.Results);
        File.Delete(_file);
    }

    public void Dispose()
    {
        Write(
            $"""
            schedules              {_results.Count}, of which {_results.Count(result => result.Problems.Count > 0)} failed; and {_unfinished} unfinished
            sharing                {Count(SharedStore.Redis)} on Redis, {Count(SharedStore.Bus)} on the bus
            messages               {Sum(result => result.Messages)}
            worker kills           {Sum(result => result.Faults.WorkerKills)}
            broker kills           {Sum(result => result.Faults.BrokerKills)}
            store kills            {Sum(result => result.Faults.StoreKills)}
            store freezes          {Sum(result => result.Faults.StoreFreezes)}
            connection closes      {Sum(result => result.Faults.ConnectionCloses)}
            graceful stops         {Sum(result => result.Faults.GracefulStops)}
            nodes killed           {Describe("kill")}
            nodes cut off          {Describe("cut")}
            options reloaded       {Sum(result => result.Faults.Reloads)}
            nonsense told          {Sum(result => result.Faults.Nonsense)}, in {_results.Count(result => result.Schedule.HasGarbage)} schedules
            dead letters redriven  {Sum(result => result.Faults.DeadLetters)}, by {Sum(result => result.Faults.Redrives)} redrives
            redriving kills        {Sum(result => result.Faults.RedriverKills)} of workers, {Sum(result => result.Faults.BrokerKillsInRedrives)} of brokers
            trips                  {Sum(result => result.Trips)}
            duplicates             {Sum(result => result.Duplicates)}
            poison in _error       {Sum(result => result.Balance.PoisonDeadLettered)}
            skipped                {Sum(result => result.Balance.Skipped.Count)}
            left in the queue      {Sum(result => result.Balance.LeftInQueue.Count)}
            lost                   {Sum(result => result.Balance.Lost.Count)}
            wrongly dead-lettered  {Sum(result => result.Balance.WronglyDeadLettered.Count)}
            """);
    }

    internal void Add(ScheduleResult result)
    {
        lock (_lock)
        {
            _results.Add(result);
            Write(string.Create(
                CultureInfo.InvariantCulture,
                $"seed {result.Schedule.Seed}: {(result.Problems.Count > 0 ? "FAILED" : "passed")} in {result.Took.TotalSeconds:0.0} s, "
                + $"{result.Schedule.Queue}, {result.Schedule.Workers} workers {result.Schedule.Sharing}, {result.Messages} messages, {result.Trips} trips, {result.Duplicates} duplicates"));
        }
    }

    /// <summary>Adds a schedule that the harness could not finish.</summary>
    internal void AddUnfinished(Schedule schedule)
    {
        lock (_lock)
        {
            _unfinished++;
            Write($"seed {schedule.Seed}: UNFINISHED");
        }
    }

    void Write(string text) => File.AppendAllText(_file, text + '\n');

    /// <summary>How many faults of that name struck, how many of them struck the leader's node, and in which states.</summary>
    string Describe(string name)
    {
        var struck = _results.SelectMany(result => result.Faults.ClusterFaults).Where(fault => fault.Name == name).ToList();
        var states = struck.CountBy(fault => fault.State?.ToString() ?? "another state").OrderBy(count => count.Key).Select(count => $"{count.Value} in {count.Key}");
        return struck.Count == 0 ? "0" : $"{struck.Count}, {struck.Count(fault => fault.Victim is Victim.Leader)} for the leader; {string.Join(", ", states)}";
    }

    int Count(SharedStore store) => _results.Count(result => result.Schedule.Store == store);

    int Sum(Func<ScheduleResult, int> count) => _results.Sum(count);
}
