using FsCheck;
using FsCheck.Fluent;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>Tries a property with each input of the corpus, and with as many more as <see cref="Mutation.Inputs"/> says.</summary>
static class Fuzzing
{
    /// <param name="property">Whether the property holds for the input with this number.</param>
    /// <param name="share">The share of the usual number of inputs to try, for a property that takes long.</param>
    public static void Hold(Func<int, bool> property, double share = 1)
    {
        for (var number = 0; number < Corpus.Replayed; number++)
            Assert.True(property(number), $"Input {number} of the corpus.");
        Prop.ForAll(Gen.Choose(Corpus.Replayed, int.MaxValue - 100).ToArbitrary(), property)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Math.Max(1, (int)(Mutation.Inputs * share))));
    }
}
