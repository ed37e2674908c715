import HealingModel
import Prompting
import PythonAgent
import Testing

@Test("functions of Python are found in answers, asynchronous and decorated ones as well")
func pythonAnswers() throws {
  let before = """
    import asyncio

    class Pump:
        @property
        async def level(self):
            \"\"\"Says

        def nothing(self): more than this.
            \"\"\"
            return await self.read(
                1,
            )

    """
  let answer = "```python\nasync def level(self):\n    return await self.read(2)\n```"
  let context = AnswerContext(
    sources: Sources(["pump.py": before]),
    language: .python,
    form: .functions
  )
  #expect(
    try parseAnswer(answer, in: context).sources["pump.py"] == """
      import asyncio

      class Pump:
          @property
          async def level(self):
              return await self.read(2)

      """
  )
}
