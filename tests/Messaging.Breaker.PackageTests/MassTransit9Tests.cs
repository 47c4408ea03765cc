using System.Reflection;
using Messaging.Breaker.PackageTests.Metadata;

namespace Messaging.Breaker.PackageTests;

/// <summary>The packages together with MassTransit 9, as far as this can be tested without a licence.</summary>
public class MassTransit9Tests(PackedPackages packed, MassTransit9Tests.Worker worker) : IClassFixture<MassTransit9Tests.Worker>
{
    static readonly Uri NoBroker = new("amqp://guest:guest@127.0.0.1:1/");

    static string Newest { get; } =
        typeof(MassTransit9Tests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "NewestMassTransitVersion").Value!;

    [Fact]
    public async Task A_bus_complains_about_nothing_but_the_licence()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => packed.RunWorkerAsync(worker.Folder, NoBroker));
        // The bus was configured, including our part of it, and this is the only problem that was found.
        var problem = failure.Message.Split('\n').SkipWhile(line => !line.Contains("The bus configuration is invalid:", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => !line.TrimStart().StartsWith("at ", StringComparison.Ordinal));
        Assert.Matches(@"^\s*\[Failure\] License must be specified", Assert.Single(problem));
    }

    [Fact]
    public void Every_type_and_member_that_the_packages_use_is_there()
    {
        using var compiledAgainst = new AssemblyFolder(AppContext.BaseDirectory);
        using var found = new AssemblyFolder(worker.Folder);
        Assert.Equal(Newest, found["MassTransit"].Version.ToString(3));
        var packages = Directory.GetFiles(worker.Folder, "Messaging.Breaker*.dll");
        Assert.Equal(5, packages.Length);
        var used = packages.Select(path => UsedMembers.Of(path, compiledAgainst)).ToList();
        Assert.InRange(used.Sum(uses => uses.Types.Count), 90, int.MaxValue);
        Assert.InRange(used.Sum(uses => uses.Members.Count), 120, int.MaxValue);
        Assert.Empty(used.SelectMany(uses => uses.MissingIn(found)));
    }

    /// <summary>Shows that the scan does find problems: here, one assembly of version 8 is mixed with those of version 9.</summary>
    [Fact]
    public async Task A_mix_of_versions_lacks_members_and_is_refused_at_start()
    {
        var mixed = await packed.BuildWorkerAsync("mixed", ("MassTransit", Newest), ("MassTransit.RabbitMQ", "8.5.12"));
        using var compiledAgainst = new AssemblyFolder(AppContext.BaseDirectory);
        using var found = new AssemblyFolder(mixed);
        var missing = UsedMembers.Of(Path.Combine(mixed, "MassTransit.RabbitMqTransport.dll"), compiledAgainst).MissingIn(found).ToList();
        Assert.Contains("MassTransit.Topology.MessageSendTopology`1 of MassTransit.Abstractions", missing);
        Assert.Contains("MassTransit.Topology.MessagePublishTopology`1.get_Exclude(): Boolean", missing);
        Assert.Contains(
            "MassTransit.IBusFactoryConfigurator is not implemented: MassTransit.IBusFactoryConfigurator.SetLicense(String): Void", missing);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => packed.RunWorkerAsync(mixed, NoBroker));
        Assert.Contains($"reference MassTransit.RabbitMQ in version {Newest} too", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A worker with all of our packages and the newest MassTransit.</summary>
    public sealed class Worker(PackedPackages packed) : IAsyncLifetime
    {
        public string Folder { get; private set; } = "";

        public async ValueTask InitializeAsync() => Folder = await packed.BuildWorkerAsync(
            "newest",
            ("MassTransit.RabbitMQ", Newest),
            ("Messaging.Breaker.Dashboard", packed.Version),
            ("Messaging.Breaker.EntityFrameworkCore", packed.Version),
            ("Messaging.Breaker.Redis", packed.Version));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
