using System.Reflection;
using Messaging.Breaker.RabbitMq;

namespace Messaging.Breaker.Tests.RabbitMq;

public class MassTransitVersionsTests
{
    [Theory]
    [InlineData("8.5.12", "8.5.12", "8.5.12")]
    [InlineData("9.2.6", "9.2.6", "9.2.6")]
    public void Equal_versions_are_accepted(string core, string abstractions, string rabbit) => Assert.Null(Find(core, abstractions, rabbit));

    [Fact]
    public void Packages_that_are_behind_are_named_with_the_version_to_align_to() => Assert.Equal(
        "The MassTransit packages have different versions: MassTransit 9.2.6, MassTransit.Abstractions 9.2.6, MassTransit.RabbitMQ 8.5.12. "
        + "They only work together in the same version: reference MassTransit.RabbitMQ in version 9.2.6 too.",
        Find("9.2.6", "9.2.6", "8.5.12"));

    [Theory]
    [InlineData("9.2.6", "9.2.6", "9.2.5", "reference MassTransit.RabbitMQ in version 9.2.6 too")]
    [InlineData("8.5.12", "8.5.13", "8.5.12", "reference MassTransit and MassTransit.RabbitMQ in version 8.5.13 too")]
    [InlineData("8.6.0", "8.6.0", "8.5.12", "reference MassTransit.RabbitMQ in version 8.6.0 too")]
    public void Packages_that_the_library_builds_on_may_not_differ_even_by_a_patch(string core, string abstractions, string rabbit, string remedy) =>
        Assert.Contains(remedy, Find(core, abstractions, rabbit), StringComparison.Ordinal);

    [Theory]
    [InlineData("MassTransit.EntityFrameworkCoreIntegration", "8.5.12", "reference MassTransit.EntityFrameworkCore in version 9.2.6 too")]
    [InlineData("MassTransit.Newtonsoft", "8.5.12", "reference MassTransit.Newtonsoft in version 9.2.6 too")]
    [InlineData("MassTransit.AmazonSqsTransport", "9.1.0", "reference MassTransit.AmazonSQS in version 9.2.6 too")]
    [InlineData("MassTransit.HangfireIntegration", "9.2.1", null)]
    [InlineData("MassTransitive", "1.0.0", null)]
    public void Other_packages_may_differ_by_a_patch(string other, string version, string? remedy)
    {
        var mix = Find("9.2.6", "9.2.6", "9.2.6", Name(other, version));
        if (remedy is null)
            Assert.Null(mix);
        else
            Assert.Contains(remedy, mix, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_of_other_vendors_may_have_versions_of_their_own() =>
        Assert.Null(Find("9.2.6", "9.2.6", "9.2.6", new AssemblyName("MassTransit.Extras, Version=1.0.0.0, PublicKeyToken=null")));

    [Fact]
    public void The_packages_of_these_tests_fit_together() => MassTransitVersions.Check();

    static string? Find(string core, string abstractions, string rabbit, params AssemblyName[] others) => MassTransitVersions.FindMix(
        [Name("MassTransit", core), Name("MassTransit.Abstractions", abstractions), Name("MassTransit.RabbitMqTransport", rabbit), .. others]);

    static AssemblyName Name(string name, string version) => new($"{name}, Version={version}.0, Culture=neutral, PublicKeyToken=b8e0e9f2f1e657fa");
}
