using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.AtlasTests;

public class OutagesPageTests
{
    static readonly bool IsUpdate = Environment.GetEnvironmentVariable("MESSAGING_BREAKER_UPDATE_DOCS") == "1";

    [Fact]
    public void The_page_of_outages_lists_the_rows_that_are_tried()
    {
        var path = Path.Combine(Repository.Root, "docs", "outages.md");
        if (IsUpdate)
            File.WriteAllText(path, OutagesPage.Write());
        Assert.Equal(OutagesPage.Write(), File.ReadAllText(path).ReplaceLineEndings("\n"));
    }
}
