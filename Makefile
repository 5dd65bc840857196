# SPDX-License-Identifier: Apache-2.0
# Two commands matter: `make run` and `make test`. Both set up everything themselves.
.PHONY: help run test quick setup bench phrases types
.DEFAULT_GOAL := help

help: ## list the commands / 列出命令
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: ## set up, then start the platform with the demo town / 准备并启动演示城镇
	@exec ./run

test: ## set up, then run everything that must pass / 准备并运行全部检查
	@scripts/setup test
	@exec .venv/bin/python scripts/check.py test

quick: ## format, lint, types and the tests without a database, within 90 s / 快速检查
	@scripts/setup
	@exec .venv/bin/python scripts/check.py quick

setup: ## everything into .venv/ and web/node_modules/ / 只做准备
	@scripts/setup

bench: ## the longer proofs and the figures / 性能与准确率测量
	@scripts/setup
	@exec .venv/bin/jiedao bench

types: ## make the browser's types from the server's schemas / 由服务端模式生成浏览器类型
	@scripts/setup
	@.venv/bin/python scripts/browser_types.py

phrases: ## speak the packs' phrases once and keep them as clips / 重新生成预置语音
	@scripts/setup
	@PYTHONPATH=server .venv/bin/python scripts/render_phrases.py
