namespace Messaging.Breaker.Tests.Documentation;

/// <summary>What docs/architecture.md says about the folders of src/Messaging.Breaker, and its picture of them.</summary>
public class ArchitectureTests
{
    const string Begin = "<!-- folders -->\n```mermaid\n";
    const string End = "\n```";

    static readonly bool IsUpdate = Environment.GetEnvironmentVariable("MESSAGING_BREAKER_UPDATE_DOCS") == "1";
    static readonly FolderGraph Graph = new();

    [Fact]
    public void No_folder_depends_on_one_that_depends_on_it()
    {
        var cycle = Graph.FindCycle();
        Assert.True(cycle.Count == 0, string.Join(", ", cycle.Zip(cycle.Skip(1), (folder, used) => $"{folder} uses {used} ({Graph.TypesOf(folder, used)})")));
    }

    [Fact]
    public void The_engine_knows_nothing_else() => Assert.Empty(Graph.UsesOf("Engine"));

    [Theory]
    [InlineData("RabbitMQ.Client")]
    [InlineData("MassTransit.RabbitMqTransport")]
    public void Only_the_transport_and_the_registration_know_the_broker(string assembly) =>
        Assert.Equal(["Configuration", "RabbitMq"], Graph.Folders.Where(folder => Graph.AssembliesOf(folder).Contains(assembly)).Append("Configuration").Distinct().Order());

    [Fact]
    public void Only_the_registration_knows_the_transport() =>
        Assert.Equal(["Configuration"], Graph.Folders.Where(folder => Graph.UsesOf(folder).Contains("RabbitMq")));

    [Fact]
    public void The_picture_is_that_of_the_code()
    {
        var page = Path.Combine(Repository.Root, "docs", "architecture.md");
        var text = File.ReadAllText(page);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, begin, StringComparison.Ordinal);
        if (IsUpdate)
            File.WriteAllText(page, text[..begin] + Graph.ToMermaid() + text[end..]);
        else
            Assert.Equal(Graph.ToMermaid(), text[begin..end]);
    }
}
