using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.AtlasTests.Cases;

/// <summary>Runs the rows of one group. Each group has a class of its own, so that the groups run in parallel.</summary>
public abstract class AtlasTheory(BrokerFixture broker)
{
    static readonly bool[] Attributions = [true, false];

    protected async Task RunAsync(Row row)
    {
        var outages =
            from isAttributed in Attributions
            from prefetch in (ushort[])[1, 32]
            select RunAsync($"{Attribution(isAttributed)}, prefetch {prefetch}", Outage.OfEverybodyAsync(broker.Node, row, isAttributed, prefetch));
        var poison =
            from isAttributed in row.WholeOnly is null ? Attributions : []
            select RunAsync($"{Attribution(isAttributed)}, one message in twenty", Outage.OfOneInTwentyAsync(broker.Node, row, isAttributed));
        var problems = (await Task.WhenAll(outages.Concat(poison))).OfType<string>().ToList();
        Assert.True(problems.Count == 0, string.Join("\n", problems));
    }

    static string Attribution(bool isAttributed) => isAttributed ? "with attribution" : "without attribution";

    static async Task<string?> RunAsync(string variant, Task run)
    {
        try
        {
            await run;
            return null;
        }
        catch (Exception exception)
        {
            return $"{variant}: {exception.Message}";
        }
    }
}
