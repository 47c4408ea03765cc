namespace Messaging.Breaker.Tests.Documentation;

public class OptionsReferenceTests
{
    /// <summary>Whether to write the page instead of comparing it: test.sh runs in the repository's root.</summary>
    static readonly bool IsUpdate = Environment.GetEnvironmentVariable("MESSAGING_BREAKER_UPDATE_DOCS") == "1";

    [Fact]
    public void The_page_of_options_is_what_the_documentation_of_the_code_says()
    {
        var expected = OptionsReference.Write(
            typeof(BreakerOptions),
            typeof(BusBreakerOptions),
            typeof(SharingOptions),
            typeof(BusSharingOptions),
            typeof(RedisSharingOptions),
            typeof(QueueDepthOptions),
            typeof(DependencyEscalation),
            typeof(PlannedWindowOptions),
            typeof(QueueWebhookOptions),
            typeof(DeadLetterOptions),
            typeof(BreakerHealthOptions),
            typeof(BreakerDashboardOptions));
        if (IsUpdate)
            File.WriteAllText(Path.Combine(Repository.Root, "docs", "options.md"), expected);
        else
            Assert.Equal(expected, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documentation", "options.md")));
    }
}
