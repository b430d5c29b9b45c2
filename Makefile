# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The host that plan looks at; inventories/kvm4 is the report's VPS.
INVENTORY ?= inventories/lab
export INVENTORY

.DEFAULT_GOAL := help
.PHONY: help up plan validate down venv docs lab lab-down lab-status test lint test-unit test-sanity test-molecule test-vps test-faults test-backup test-certificates bench bench-backup bench-isolation bench-recommend

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## set up everything, deploy the stack to the lab host, print what to open
	@INVENTORY=inventories/lab tools/up stack

plan: venv ## show what a run would change on INVENTORY (default inventories/lab); changes nothing; ARGS='-e plan_explain=postgres'
	@tools/play plan $(ARGS)

validate: venv ## prove on INVENTORY (default inventories/lab) that the budget holds; disturbs nothing
	@tools/play validate

down: ## remove all that make up made
	@tools/down

venv: ## make .venv with everything that running and testing need
	@tools/venv ensure dev

docs: ## make the pages of the documentation
	@tools/docs

lab: ## make the lab host, its registry and its images, and deploy nothing
	@tools/up lab

lab-down: ## remove the lab host and its registry; images and caches stay
	@tools/lab-down

lab-status: ## say what of the lab is there
	@tools/lab status

test: ## set up everything, run every check
	@tools/test all

lint: ## ruff, mypy, ansible-lint, yamllint, shellcheck and the documentation's checks
	@tools/test lint

test-unit: ## the unit and property tests
	@tools/test unit

test-sanity: ## ansible-test sanity
	@tools/test sanity

test-molecule: ## the stack end to end on the lab host
	@tools/test molecule

test-vps: ## the stack on a virtual machine with cgroup v2, systemd and an NVMe disk (slow where KVM does not work)
	@tools/test vps

test-faults: ## the stack hit by every fault, FAULT_SEEDS times each (20; hours); writes docs/faults.md
	@tools/test faults

test-backup: ## backups, drills and restores under every fault, on real PostgreSQL and Redis with real restic (some minutes)
	@tools/test backup

test-certificates: ## certificates for routed names: real Certbot and nginx with Pebble, a real ACME server (two minutes; asks a mirror of Debian)
	@tools/test certificates

bench: ## times of the deploy step beside docker compose by hand
	@tools/test bench

bench-backup: ## time, bytes and peak memory of backup, drill and restore of 100 MiB in PostgreSQL, beside a dump by hand
	@tools/test bench-backup

bench-isolation: ## latency while neighbours misbehave: the budget, the report's quotas, no limits; writes docs/isolation.md
	@tools/test bench-isolation

bench-recommend: venv ## the rule of recommend beside VPA's, KRR's and Autopilot's on generated and recorded series
	@.venv/bin/python -m ansible_collections.ziggie.stack.tests.bench.recommend
